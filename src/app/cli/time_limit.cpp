// SPDX-License-Identifier: MIT
#include "app/cli/time_limit.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "app/slurm.hpp"
#include "taskrun/job/number.hpp"
#include "taskrun/launch/rank_environment.hpp"

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

// Newer versions of Slurm set a variable; that of Debian 12 (22.05) has to be asked.
std::optional<CalendarTime> allocation_end(CalendarTime now, const VariableReader& variable,
                                           const TimeLeftQuery& time_left) {
  if (const auto end = time_in(variable("SLURM_JOB_END_TIME"))) return *end - allocation_reserve;
  const char* job_id = variable("SLURM_JOB_ID");
  if (job_id == nullptr) return std::nullopt;
  const auto left = time_left(job_id);
  if (!left) return std::nullopt;
  return now + std::chrono::duration_cast<system_clock::duration>(*left) - allocation_reserve;
}

const char* environment_variable(const char* name) { return std::getenv(name); }

}  // namespace

std::optional<CalendarTime> end_time(Duration walltime, CalendarTime now,
                                     std::optional<CalendarTime> fixed,
                                     const VariableReader& variable,
                                     const TimeLeftQuery& time_left) {
  if (fixed) return fixed;
  std::optional<CalendarTime> earliest = allocation_end(now, variable, time_left);
  if (walltime > Duration::zero()) {
    const auto end = now + std::chrono::duration_cast<system_clock::duration>(walltime);
    earliest = earliest ? std::min(*earliest, end) : end;
  }
  return earliest;
}

std::optional<CalendarTime> run_end(Duration walltime) {
  return end_time(walltime, system_clock::now(), rank_environment().end_time, environment_variable,
                  slurm_time_left);
}

Time run_end_time(Duration walltime) {
  const auto end = run_end(walltime);
  if (!end) return never;
  return steady_now() + std::chrono::duration_cast<Duration>(*end - system_clock::now());
}

}  // namespace taskrun
