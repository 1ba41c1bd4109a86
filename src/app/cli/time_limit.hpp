// SPDX-License-Identifier: MIT
// When a run must have ended: what the user allows it, and what a batch system allotted.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "taskrun/core/time.hpp"
#include "taskrun/net/launched_rank.hpp"

namespace taskrun {

using CalendarTime = std::chrono::system_clock::time_point;

/// Asks how long the Slurm job of that id still has.
using TimeLeftQuery = std::function<std::optional<Duration>(const std::string& job_id)>;

/// The earlier of the walltime (zero: none) from now on and the end of a Slurm allocation, less
/// what is needed to end gracefully; for a run that was started again what was `fixed` then.
/// Nothing where there is no limit.
std::optional<CalendarTime> end_time(Duration walltime, CalendarTime now,
                                     std::optional<CalendarTime> fixed,
                                     const VariableReader& variable,
                                     const TimeLeftQuery& time_left);

/// As this process is told by its environment, and Slurm.
std::optional<CalendarTime> run_end(Duration walltime);
/// Likewise, on the clock of runs; `never` where there is no limit.
Time run_end_time(Duration walltime);

}  // namespace taskrun
