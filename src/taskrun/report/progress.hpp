// SPDX-License-Identifier: MIT
// What is shown of a run while it goes on: a bar that is redrawn, or a line now and then. Decides
// when and what; console.hpp shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "taskrun/core/account.hpp"
#include "taskrun/core/time.hpp"

namespace taskrun {

/// One terminal line: per cent, a bar, rate and time left; at most `width` columns.
std::string progress_bar(const Progress& progress, std::size_t width);
/// "42 % of 10.0 G items, 312 M items/s, 18.6 s left"; where nobody knows how many there will be,
/// both are "312 M items done, input still open, 10.0 M items/s".
std::string progress_line(const Progress& progress);

/// When it is time to show something. The caller passes the time; nothing here reads a clock.
class ProgressPace {
 public:
  /// Shows first when `interval` has passed after the first call, then at most this often.
  explicit ProgressPace(Duration interval) : interval_(interval) {}

  bool due(Time now);

 private:
  Duration interval_;
  std::optional<Time> next_;
};

/// Ten times a second reads as motion; more only costs.
inline constexpr Duration bar_interval = std::chrono::milliseconds(100);
/// Often enough to see that a run lives, seldom enough for a log.
inline constexpr Duration line_interval = std::chrono::seconds(5);

}  // namespace taskrun
