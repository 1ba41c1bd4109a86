// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <optional>

#include "app/chaos_hand.hpp"
#include "app/cli/failure.hpp"
#include "app/rank_run.hpp"
#include "app/rank_watch.hpp"
#include "app/ranks.hpp"
#include "app/run_job.hpp"
#include "taskrun/engine/rank.hpp"
#include "taskrun/mpi/environment.hpp"
#include "taskrun/mpi/mpi_transport.hpp"
#include "taskrun/mpi/shared_secret.hpp"

namespace taskrun {
namespace {

// Whether this is how it failed.
template <class Failure>
bool is(const Ending& ending) {
  if (!ending.failure) return false;
  try {
    std::rethrow_exception(ending.failure);
  } catch (const Failure&) {
    return true;
  } catch (...) {
    return false;
  }
}

// The rank's part in the run. What it sent has left when it returns.
Ending take_part(CommandLine& line, std::unique_ptr<Zygote>& zygote, const LaunchedRank& launched,
                 const StandardStreams& streams, const Supervision& supervision, RankWatch& watch,
                 Transport& mpi, Wakeup& wakeup) {
  WatchedTransport watched(mpi, watch);
  std::optional<DelayingTransport> delaying;
  if (const auto chaos = chaos_here(launched, supervision)) delaying.emplace(watched, *chaos);
  Transport& transport = delaying ? static_cast<Transport&>(*delaying) : watched;
  Ending ending = run_rank(line, zygote, launched, streams, transport, wakeup, supervision, watch);
  const bool cut_off = launched.rank != 0 && supervision.supervised() && ending.failure;
  // That rank 0 is gone is the supervisor's to tell.
  if (cut_off && !is<FirstRankSilent>(ending)) ending.failure = nullptr;
  const int exit_code = tell(ending, line);
  if (cut_off) supervision.end_launcher();
  // The supervisor has new workers: without a verdict the run is started again.
  if (supervision.supervised() && is<WorkersGone>(ending)) std::_Exit(exit_code);
  supervision.tell_verdict(exit_code);
  watch.expect_end(exit_code);
  return ending;
}

// Of all ranks the same: a supervisor gave it to each, or they have it from rank 0.
FrameKey key_of_run(const Supervision& supervision) {
  return FrameKey(supervision.supervised() ? supervision.secret() : shared_secret());
}

// Of a run that this rank could not even begin: others may wait for it, for ever, and it for them
// where MPI is finalized.
[[noreturn]] void leave(const LaunchedRank& launched, const Supervision& supervision,
                        const std::exception_ptr& failure) {
  const int exit_code = tell_failure(failure);
  if (launched.rank == 0) supervision.tell_verdict(exit_code);
  std::_Exit(exit_code);
}

}  // namespace

std::string mpi_version() { return MpiEnvironment::version(); }

std::string why_no_ranks() { return ""; }

int run_launched(CommandLine& line, std::unique_ptr<Zygote>& zygote, const LaunchedRank& launched,
                 const StandardStreams& streams, const Supervision& supervision) {
  Descriptor chaos_waits;
  if (const auto chaos = chaos_here(launched, supervision)) chaos_waits = start_chaos_hand(*chaos);
  // A supervisor starts what is left of such a rank again: nothing of it may go on then.
  const bool leaves_time = zygote && !supervision.supervised();
  RankWatch watch(launched, supervision, leaves_time ? zygote->rank_told() : nullptr);
  Wakeup wakeup;
  auto environment = std::make_unique<MpiEnvironment>();
  Ending ending;
  {
    MpiTransport mpi(*environment, wakeup, key_of_run(supervision));
    watch.started();
    supervision.tell_started();
    chaos_waits.reset();
    try {
      ending = take_part(line, zygote, launched, streams, supervision, watch, mpi, wakeup);
    } catch (...) {
      leave(launched, supervision, std::current_exception());
    }
  }
  // MPI_Finalize waits for all ranks, and some may be dead: under a supervisor any, without one
  // rank 0, if this one had to end without it.
  const bool some_may_be_dead = supervision.supervised() || (launched.rank != 0 && ending.failure);
  if (some_may_be_dead) std::_Exit(ending.exit_code);
  // Also before an end around a slot that is stuck: mpirun tells of a rank that leaves MPI out, and
  // takes its own exit code for the run's.
  environment.reset();
  if (ending.stuck) std::_Exit(ending.exit_code);
  return ending.exit_code;
}

}  // namespace taskrun
