// SPDX-License-Identifier: MIT
// When a run must have ended: what the user allows it, and what a batch system allotted.
#pragma once

#include <chrono>
#include <optional>

#include "taskrun/core/time.hpp"
#include "taskrun/net/launched_rank.hpp"

namespace taskrun {

using CalendarTime = std::chrono::system_clock::time_point;

/// The earliest of: the walltime (zero: none) from now on, the end of a run that was started again
/// (end_time_variable), and the end of a Slurm allocation, less what is needed to end in good
/// order. Nothing where there is no limit.
std::optional<CalendarTime> end_time(Duration walltime, CalendarTime now,
                                     const VariableReader& variable);

/// On the clock of runs; `never` where there is no limit.
Time run_end_time(Duration walltime);

/// Seconds since the epoch: when the run must have ended, however often it is started again.
inline constexpr const char* end_time_variable = "TASKRUN_END_TIME";
/// Sets it for the ranks that this process starts.
void fix_end_time(Duration walltime);

}  // namespace taskrun
