// SPDX-License-Identifier: MIT
// The seam between a rank's message thread and whatever computes chunks there: threads
// (slot_pool.hpp), or the simulator's virtual slots.
#pragma once

#include <cstdint>

#include "taskrun/protocol/work.hpp"

namespace taskrun {

/// Every lease started is ended by exactly one LeaseProgress with `ended`, also when cancelled.
/// Called by the rank's message thread only.
class Executor {
 public:
  virtual ~Executor() = default;

  virtual std::uint32_t slot_count() const = 0;
  /// Leases are computed in the order they are started.
  virtual void start(Work work) = 0;
  virtual void cancel(LeaseId lease, Cancel how) = 0;
  /// How long the run's chunks take, all ranks together; zero where that is not known.
  virtual void know_median(Duration /*median_chunk*/) {}
  /// Appends what has been done since the last call.
  virtual void take_results(Results& out) = 0;
};

}  // namespace taskrun
