// SPDX-License-Identifier: MIT
// How long a rank's chunks take: what a chunk that takes too long is measured by.
#pragma once

#include <mutex>
#include <optional>

#include "taskrun/core/histogram.hpp"
#include "taskrun/exec/executor.hpp"

namespace taskrun {

/// Shared by the slots of a rank.
class ChunkTimes {
 public:
  /// Chunks of one report count as one, of their mean time.
  void record(const LeaseProgress& progress) {
    if (progress.computed == 0) return;
    const std::lock_guard lock(mutex_);
    times_.record(progress.busy / static_cast<Duration::rep>(progress.computed));
  }
  /// To within 25 %. None before there are enough to judge by.
  std::optional<Duration> median() const {
    const std::lock_guard lock(mutex_);
    if (times_.count() < enough) return std::nullopt;
    return times_.quantile(0.5);
  }

 private:
  // With fewer, one odd chunk could be the median.
  static constexpr std::uint64_t enough = 3;

  mutable std::mutex mutex_;
  DurationHistogram times_;
};

}  // namespace taskrun
