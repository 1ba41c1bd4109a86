// SPDX-License-Identifier: MIT
// Time as the state machines see it: nanoseconds on some steady clock. They never read a clock;
// whoever drives them passes `now`, be it real or the simulator's.
#pragma once

#include <chrono>

namespace taskrun {

using Duration = std::chrono::nanoseconds;

/// The clock type of Time. It has no now(): only drivers know what time it is.
struct RunClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<RunClock>;
  static constexpr bool is_steady = true;
};
using Time = RunClock::time_point;

/// The far future: a deadline that never comes.
inline constexpr Time never = Time::max();

/// For drivers: the machine's steady clock.
inline Time steady_now() {
  return Time(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

inline Duration from_seconds(double s) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s));
}

}  // namespace taskrun
