// SPDX-License-Identifier: MIT
// A whole run whose ranks are those that mpirun started.
#pragma once

#include <optional>
#include <string>

#include "loopback_run.hpp"
#include "mpi_world.hpp"
#include "taskrun/mpi/mpi_transport.hpp"

namespace taskrun::testing {

inline std::uint32_t world_rank() { return launched_rank().value_or(LaunchedRank{}).rank; }
inline std::uint32_t world_size() { return launched_rank().value_or(LaunchedRank{}).size; }

struct MpiRun {
  std::optional<RunOutcome> outcome;  ///< on rank 0
  std::string output;                 ///< on rank 0
};

/// Takes part in a run of `job` with all ranks; they wait for each other at its start. Throws what
/// Rank::run throws.
inline MpiRun run_on_mpi(const RunOptions& options, Job& job) {
  Wakeup wakeup;
  MpiTransport transport(mpi_environment(), wakeup);
  TextSink sink;
  RecordingObserver observer;
  MpiRun run;
  Rank rank(transport, wakeup, job, options, sink, observer);
  run.outcome = rank.run();
  run.output = std::move(sink.text);
  return run;
}

}  // namespace taskrun::testing
