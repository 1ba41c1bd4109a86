// SPDX-License-Identifier: MIT
// What a slot computes its leases with: its own thread (here), or a process that user code may
// crash (isolated_runner.hpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/exec/chunk_marks.hpp"
#include "taskrun/exec/chunk_runner.hpp"
#include "taskrun/exec/executor.hpp"
#include "taskrun/job/job.hpp"

namespace taskrun {

/// One for each slot, whose thread runs it; the others are called by any thread.
class LeaseRunner {
 public:
  virtual ~LeaseRunner() = default;

  /// Runs the lease until it is done or stopped, and appends to `out`: its last progress says
  /// `ended`. What it throws ends the run.
  virtual void run(const Work& work, Results& out, const ChunkRunner::Flush& flush) = 0;
  /// Set it to stop at the next border between chunks; cleared before a lease is run.
  virtual std::atomic<bool>& stop_flag() = 0;
  /// The end: stops also what does not listen. False where that cannot be done.
  virtual bool kill() = 0;
  /// How long the run's chunks take, all ranks together; zero where that is not known.
  virtual void know_median(Duration /*median_chunk*/) {}
};

/// Runners that compute in the slots' own threads. Job and grid outlive them. They mark what they
/// are at, where there are marks.
std::vector<std::unique_ptr<LeaseRunner>> thread_runners(
    const Job& job, const Grid& grid, std::uint32_t count,
    const std::shared_ptr<ChunkMarks>& marks = nullptr);

}  // namespace taskrun
