// SPDX-License-Identifier: MIT
// How long chunks take, a rank's own and those of the whole run: what a chunk that takes too long
// is measured by.
#pragma once

#include <algorithm>
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
  /// The median of all ranks; zero where that is not known yet.
  void know(Duration median_of_run) {
    const std::lock_guard lock(mutex_);
    of_run_ = median_of_run;
  }
  /// The run's, or the rank's own where that is longer: a slow machine is no fault of its chunks.
  /// To within 25 %. None before there are enough to judge by.
  std::optional<Duration> median() const {
    const std::lock_guard lock(mutex_);
    const Duration own = median_of(times_);
    if (std::max(own, of_run_) == Duration::zero()) return std::nullopt;
    return std::max(own, of_run_);
  }

  /// Zero where there are too few to judge by.
  static Duration median_of(const DurationHistogram& times) {
    return times.count() < enough ? Duration::zero() : times.quantile(0.5);
  }

 private:
  // With fewer, one odd chunk could be the median.
  static constexpr std::uint64_t enough = 3;

  mutable std::mutex mutex_;
  DurationHistogram times_;
  Duration of_run_{};
};

}  // namespace taskrun
