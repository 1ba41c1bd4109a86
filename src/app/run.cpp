// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "app/chaos_hand.hpp"
#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/rank_run.hpp"
#include "app/rank_watch.hpp"
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
  const Supervision alone;
  StopRequest stop;
  RankWatch watch(0, alone, stop);
  Wakeup wakeup;
  LoopbackHub hub(1);
  const auto transport = hub.connect(0, wakeup);
  const Ending ending = run_rank(line, std::nullopt, streams, *transport, wakeup, alone, stop);
  const int exit_code = told(ending);
  if (ending.stuck) std::_Exit(exit_code);
  return exit_code;
}

#ifdef TASKRUN_WITH_MPI

int run_launched(CommandLine& line, const LaunchedRank& launched, const StandardStreams& streams,
                 const Supervision& supervision) {
  const auto chaos = chaos_here(launched, supervision);
  Descriptor chaos_waits;
  if (chaos) chaos_waits = start_chaos_hand(*chaos);
  StopRequest stop;
  RankWatch watch(launched.rank, supervision, stop);
  Wakeup wakeup;
  Ending ending;
  int exit_code = 0;
  {
    MpiEnvironment environment;
    MpiTransport mpi(environment);
    supervision.tell_started();
    chaos_waits.reset();
    WatchedTransport watched(mpi, watch);
    std::optional<DelayingTransport> delaying;
    if (chaos) delaying.emplace(watched, *chaos);
    Transport& transport = delaying ? static_cast<Transport&>(*delaying) : watched;
    ending = run_rank(line, launched, streams, transport, wakeup, supervision, stop);
    exit_code = told(ending);
    // MPI_Finalize may have to wait for somebody who is dead: the verdict does not.
    supervision.tell_verdict(exit_code);
    watch.expect_end(exit_code);
    // Rank 0 is gone: MPI_Finalize might wait for it for ever.
    if (launched.rank != 0 && ending.failure) std::_Exit(exit_code);
  }
  if (ending.stuck) std::_Exit(exit_code);
  return exit_code;
}

#else

int run_launched(CommandLine& line, const LaunchedRank& launched, const StandardStreams& streams,
                 const Supervision&) {
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
                const StandardStreams& streams, const Supervision& supervision) {
  return launched ? run_launched(line, *launched, streams, supervision) : run_here(line, streams);
}

}  // namespace taskrun
