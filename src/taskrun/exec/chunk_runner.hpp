// SPDX-License-Identifier: MIT
// Computes the chunks of a lease one after the other and gathers their partials into pieces. Knows
// the job and the grid; knows nothing of threads, queues or messages.
#pragma once

#include <atomic>
#include <functional>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/exec/executor.hpp"
#include "taskrun/job/job.hpp"

namespace taskrun {

/// Who watches chunks from inside the process that computes them.
class ChunkWatch {
 public:
  virtual ~ChunkWatch() = default;
  /// Before each chunk.
  virtual void begin(std::uint64_t chunk) = 0;
  /// A chunk wanted more memory than there is; returns for it to fail, or ends the process.
  virtual void out_of_memory() = 0;
};

/// Used by one thread; several may share a job.
class ChunkRunner {
 public:
  /// Where results go before a lease ends, so that little is lost with a rank and others can go on.
  /// Called with all results so far; takes what it wants by emptying them.
  using Flush = std::function<void(Results&)>;

  /// All outlive the runner; nobody need watch. Chunks are told the limits.
  ChunkRunner(const Job& job, const Grid& grid, ChunkWatch* watch = nullptr,
              const ChunkLimits& limits = {})
      : job_(job), grid_(grid), watch_(watch), limits_(limits) {}

  /// Runs the lease until it is done or `stop`, and appends to `out`. A chunk whose map throws
  /// becomes a failure; the others go on. What reduce throws passes through: partials are lost
  /// then, and with them the run. Returns the time spent in chunks.
  Duration run(const Work& work, const std::atomic<bool>& stop, Results& out, const Flush& flush);

 private:
  class Emitting;
  class Reducing;
  template <class Gather>
  Duration run_with(Gather gather, const Work& work, const std::atomic<bool>& stop, Results& out,
                    const Flush& flush);

  const Job& job_;
  const Grid& grid_;
  ChunkWatch* const watch_;
  const ChunkLimits limits_;
};

}  // namespace taskrun
