// SPDX-License-Identifier: MIT
// Ranks are those that mpirun started.
#include <gtest/gtest.h>
#include <mpi.h>

#include "every_rank.hpp"
#include "mpi_world.hpp"
#include "taskrun/mpi/mpi_transport.hpp"

namespace taskrun::testing {

void on_every_rank(const Body& body) {
  try {
    Wakeup wakeup;
    MpiTransport transport(mpi_environment(), wakeup);
    body(transport);
  } catch (const std::exception& e) {
    ADD_FAILURE() << e.what();
  }
  // A rank that has failed must not run ahead into the next test.
  MPI_Barrier(MPI_COMM_WORLD);
}

}  // namespace taskrun::testing
