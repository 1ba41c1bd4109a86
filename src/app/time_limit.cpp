// SPDX-License-Identifier: MIT
#include "app/time_limit.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

using std::chrono::system_clock;

// Between the end of the run and that of the allocation: for MPI, the launcher, and a batch
// script's last lines.
constexpr auto allocation_reserve = std::chrono::seconds(20);

std::optional<CalendarTime> time_in(const char* text) {
  if (text == nullptr) return std::nullopt;
  const auto value = parse_real(text);
  // Batch systems also have a word, or zero, for "unlimited"; and what is no time is no limit.
  constexpr double farthest = 4e9;
  if (!value || *value <= 0 || *value > farthest) return std::nullopt;
  return CalendarTime(
      std::chrono::duration_cast<system_clock::duration>(std::chrono::duration<double>(*value)));
}

const char* environment_variable(const char* name) { return std::getenv(name); }

}  // namespace

std::optional<CalendarTime> end_time(Duration walltime, CalendarTime now,
                                     const VariableReader& variable) {
  std::optional<CalendarTime> earliest = time_in(variable(end_time_variable));
  const auto limit = [&](CalendarTime end) {
    earliest = earliest ? std::min(*earliest, end) : end;
  };
  if (!earliest && walltime > Duration::zero()) {
    limit(now + std::chrono::duration_cast<system_clock::duration>(walltime));
  }
  if (const auto allotted = time_in(variable("SLURM_JOB_END_TIME"))) {
    limit(*allotted - allocation_reserve);
  }
  return earliest;
}

Time run_end_time(Duration walltime) {
  const auto now = system_clock::now();
  const auto end = end_time(walltime, now, environment_variable);
  if (!end) return never;
  return steady_now() + std::chrono::duration_cast<Duration>(*end - now);
}

void fix_end_time(Duration walltime) {
  const auto end = end_time(walltime, system_clock::now(), environment_variable);
  if (!end) return;
  const double since = std::chrono::duration<double>(end->time_since_epoch()).count();
  setenv(end_time_variable, std::to_string(since).c_str(), 1);
}

}  // namespace taskrun
