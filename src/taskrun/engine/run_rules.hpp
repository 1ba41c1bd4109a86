// SPDX-License-Identifier: MIT
// What holds for a run whoever drives it: how chunks are handed out, and when enough is enough.
#pragma once

#include <cstdint>

#include "taskrun/core/time.hpp"
#include "taskrun/schedule/policy.hpp"

namespace taskrun {

struct RunRules {
  std::uint64_t build = 0;  ///< tells builds of the program apart: what hellos must say
  std::uint64_t job = 0;    ///< tells jobs and parameters apart; likewise
  Schedule schedule = Schedule::automatic;
  std::uint32_t retries = 2;
  /// Leases in flight for each slot: 0 leaves it to the measured lease times.
  std::uint32_t credit = 0;
  /// A worker silent for that long is taken for lost, until it speaks again.
  Duration lost_after = std::chrono::seconds(4);
  /// The run must have ended by then: no lease is begun that cannot end in time.
  Time stop_at = never;
  /// How long running leases may go on when the run is to stop.
  Duration stop_grace = std::chrono::milliseconds(500);
  /// How long, after that, what still runs may take to end when it is asked to; zero: it is not
  /// asked.
  Duration end_grace{};
  /// More failed chunks than that stop the run; and more than this part of all chunks.
  std::uint64_t failures_tolerated = UINT64_MAX;
  double failure_ratio_tolerated = 1;
  /// So long without a finished chunk, while nothing waits for a reader of the output, ends the
  /// run; the state of every rank is told then, and when half of the time has passed.
  Duration stalled_after = std::chrono::hours(2);

  /// How much of it is kept free before stop_at.
  Duration end_reserve{};

  /// When the last lease must have ended, so that the run can end in time.
  Time leases_end_at() const {
    constexpr Duration reserve = std::chrono::milliseconds(500);
    return stop_at == never ? never : stop_at - reserve - end_reserve;
  }
};

}  // namespace taskrun
