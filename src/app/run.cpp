// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/rank_run.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/net/loopback.hpp"
#ifdef TASKRUN_WITH_MPI
#include "taskrun/mpi/environment.hpp"
#include "taskrun/mpi/mpi_transport.hpp"
#endif

namespace taskrun {
namespace {

int told(const Ending& ending) {
  return ending.failure ? tell_failure(ending.failure) : ending.exit_code;
}

int run_here(CommandLine& line, const StandardStreams& streams) {
  Wakeup wakeup;
  LoopbackHub hub(1);
  const auto transport = hub.connect(0, wakeup);
  const Ending ending = run_rank(line, std::nullopt, streams, *transport, wakeup);
  const int exit_code = told(ending);
  if (ending.stuck) std::_Exit(exit_code);
  return exit_code;
}

#ifdef TASKRUN_WITH_MPI

int run_launched(CommandLine& line, const LaunchedRank& launched, const StandardStreams& streams) {
  Wakeup wakeup;
  Ending ending;
  int exit_code = 0;
  {
    MpiEnvironment environment;
    MpiTransport transport(environment);
    ending = run_rank(line, launched, streams, transport, wakeup);
    exit_code = told(ending);
    // Rank 0 is gone: MPI_Finalize might wait for it for ever.
    if (launched.rank != 0 && ending.failure) std::_Exit(exit_code);
  }
  if (ending.stuck) std::_Exit(exit_code);
  return exit_code;
}

#else

int run_launched(CommandLine& line, const LaunchedRank& launched, const StandardStreams& streams) {
  if (launched.size == 1) return run_here(line, streams);
  // One rank is enough to say so.
  if (launched.rank != 0) return static_cast<int>(ExitCode::complete);
  throw environment_error("this program was built without MPI and cannot run on " +
                          std::to_string(launched.size) +
                          " ranks; start it without mpirun, or build it with TASKRUN_WITH_MPI=ON");
}

#endif

}  // namespace

int run_command(CommandLine& line, const std::optional<LaunchedRank>& launched,
                const StandardStreams& streams) {
  return launched ? run_launched(line, *launched, streams) : run_here(line, streams);
}

}  // namespace taskrun
