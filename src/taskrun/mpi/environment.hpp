// SPDX-License-Identifier: MIT
// MPI's life in this process: from MPI_Init to MPI_Finalize. Who carries frames is
// mpi_transport.hpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "taskrun/net/launched_rank.hpp"

namespace boost::mpi {
class environment;
}

namespace taskrun {

/// One in a process, made and destroyed by the thread that talks MPI; outlives all transports.
class MpiEnvironment {
 public:
  /// Initialises MPI; takes about 0.3 s. Failing MPI calls return their error from now on instead
  /// of ending the process. Throws Error (environment) where MPI offers too little, or sees other
  /// ranks than the launcher started.
  MpiEnvironment();
  /// Finalizes MPI, which waits for the other ranks that live.
  ~MpiEnvironment();
  MpiEnvironment(const MpiEnvironment&) = delete;
  MpiEnvironment& operator=(const MpiEnvironment&) = delete;

  /// "Open MPI 4.1.4". Needs no environment.
  static std::string version();

  /// Keeps what MPI may still read or write after its owner is gone until MPI is finalized.
  void keep(std::shared_ptr<const void> buffers) { kept_.push_back(std::move(buffers)); }

 private:
  std::vector<std::shared_ptr<const void>> kept_;
  std::unique_ptr<boost::mpi::environment> mpi_;
};

}  // namespace taskrun
