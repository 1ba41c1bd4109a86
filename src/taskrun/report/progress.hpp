// SPDX-License-Identifier: MIT
// What is shown of a run while it goes on: a bar that is redrawn, or a line now and then. Decides
// when and what; console.hpp shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "taskrun/core/time.hpp"
#include "taskrun/events/account.hpp"

namespace taskrun {

/// One terminal line: per cent, a bar, rate and time left; at most `width` columns.
std::string progress_bar(const Progress& progress, std::size_t width);
/// "42 % of 10.0 G items, 312 M items/s, 18.6 s left"; where nobody knows how many there will be,
/// both are "312 M items done, input still open, 10.0 M items/s".
std::string progress_line(const Progress& progress);

/// "40 of 100 items done after 1.20 s, 33.3 items/s, 1.80 s left".
std::string progress_step_line(const Progress& progress);

/// When it is time to show something. The caller passes the time; nothing here reads a clock.
class ProgressPace {
 public:
  /// Shows first when `first`, or else `interval`, has passed after the first call, then at most
  /// once in each interval.
  explicit ProgressPace(Duration interval) : ProgressPace(interval, interval) {}
  ProgressPace(Duration interval, Duration first) : interval_(interval), first_(first) {}

  bool due(Time now);

 private:
  Duration interval_;
  Duration first_;
  std::optional<Time> next_;
};

/// When so many items more are done that it is time to show something; of the failed ones as well.
class ProgressSteps {
 public:
  /// Each `items`; 0: twenty times in a run, and where nobody knows its end at 1, 2, 5, 10, 20, 50,
  /// …
  explicit ProgressSteps(std::uint64_t items) : items_(items) {}

  bool due(const Progress& progress);

 private:
  std::uint64_t after(const Progress& progress) const;

  std::uint64_t items_;
  std::uint64_t next_ = 1;
};

/// Ten times a second reads as motion; more only costs.
inline constexpr Duration bar_interval = std::chrono::milliseconds(100);
/// Often enough to see that a run lives, seldom enough for a log.
inline constexpr Duration line_interval = std::chrono::seconds(5);
/// Who asks for lines wants one also of a short run.
inline constexpr Duration first_line_after = std::chrono::seconds(1);

}  // namespace taskrun
