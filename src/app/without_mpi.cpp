// SPDX-License-Identifier: MIT
#include "app/ranks.hpp"
#include "app/run_job.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {

std::string mpi_version() { return "none (built without)"; }

std::string why_no_ranks() { return "this program was built without MPI"; }

int run_launched(CommandLine& line, std::unique_ptr<Zygote>& zygote, const LaunchedRank& launched,
                 const StandardStreams& streams, const Supervision&) {
  if (launched.size == 1) return run_here(line, zygote, streams);
  // One rank is enough to say so.
  if (launched.rank != 0) return static_cast<int>(ExitCode::complete);
  throw environment_error("this program was built without MPI and cannot run on " +
                          std::to_string(launched.size) +
                          " ranks; start it without mpirun, or build it with TASKRUN_WITH_MPI=ON");
}

}  // namespace taskrun
