// SPDX-License-Identifier: MIT
#include "taskrun/mpi/environment.hpp"

#include <mpi.h>

#include <boost/mpi/environment.hpp>
#include <boost/mpi/exception.hpp>
#include <cstdlib>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/mpi/checked.hpp"

namespace taskrun {
namespace {

// Where a rank of another host dies while something is sent to it, Open MPI 4.1 goes on watching
// the closed descriptor. Its usual way, poll, takes that, and its event loop never returns; epoll
// does not take it. What a user has chosen stays.
void watch_descriptors_by_epoll() { setenv("OMPI_MCA_opal_event_include", "epoll", 0); }

// Where all ranks share a host TCP is needed by none of them, and Open MPI 5 complains of every
// pair that no network interface connects. The loopback interface connects all. What a user has
// chosen stays.
void keep_to_loopback_on_one_host() {
  const auto launched = launched_rank();
  if (!launched || launched->local_size != launched->size) return;
  for (const char* chosen :
       {"OMPI_MCA_btl", "OMPI_MCA_btl_tcp_if_include", "OMPI_MCA_btl_tcp_if_exclude"}) {
    if (std::getenv(chosen) != nullptr) return;
  }
  setenv("OMPI_MCA_btl_tcp_if_include", "lo", 1);
}

std::unique_ptr<boost::mpi::environment> initialized() {
  TASKRUN_EXPECT(!boost::mpi::environment::initialized());
  watch_descriptors_by_epoll();
  keep_to_loopback_on_one_host();
  try {
    // An exception that passes must not abort MPI: main tells it in one line and ends all ranks.
    return std::make_unique<boost::mpi::environment>(boost::mpi::threading::funneled, false);
  } catch (const boost::mpi::exception& e) {
    throw environment_error(std::string("MPI cannot be initialised: ") + e.what() +
                            "; run without mpirun to use this machine alone");
  }
}

void check_thread_level() {
  if (boost::mpi::environment::thread_level() < boost::mpi::threading::funneled) {
    throw environment_error(
        "this MPI library does not support threads beside the one that calls it; "
        "install one built with thread support");
  }
}

// A launcher of another MPI library starts ranks that do not see each other: each would compute
// everything.
void check_size() {
  const auto launched = launched_rank();
  if (!launched) return;
  int size = 0;
  check(MPI_Comm_size(MPI_COMM_WORLD, &size), "MPI_Comm_size");
  if (static_cast<std::uint32_t>(size) == launched->size) return;
  throw environment_error("the launcher started " + std::to_string(launched->size) +
                          " ranks, but MPI sees " + std::to_string(size) +
                          "; start them with the mpirun of " + MpiEnvironment::version());
}

}  // namespace

MpiEnvironment::MpiEnvironment() : mpi_(initialized()) {
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check_thread_level();
  check_size();
}

MpiEnvironment::~MpiEnvironment() {
  // Here and not in Boost's destructor, which would end the process should this fail.
  if (!boost::mpi::environment::finalized()) MPI_Finalize();
}

std::string MpiEnvironment::version() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  check(MPI_Get_library_version(text, &length), "MPI_Get_library_version");
  // "Open MPI v4.1.4, package: …"
  std::string version = std::string(text).substr(0, std::string(text).find_first_of(",\n"));
  const auto v = version.find(" v");
  if (v != std::string::npos) version.erase(v + 1, 1);
  return version;
}

}  // namespace taskrun
