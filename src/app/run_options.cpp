// SPDX-License-Identifier: MIT
#include "app/run_options.hpp"

#include <optional>

#include "taskrun/job/number.hpp"
#include "taskrun/launch/rank_environment.hpp"
#include "taskrun/run/defaults.hpp"

namespace taskrun {

std::optional<Duration> lost_after_variable() {
  return parse_duration(rank_environment().lost_after);
}

RunOptions run_options(const CommandLine& line) {
  const RunSettings& settings = line.settings;
  RunOptions options;
  options.chunk_count = settings.chunk_count;
  options.chunk_size = settings.chunk_size;
  options.schedule =
      settings.schedule == Schedule::automatic ? usual_schedule(*line.job) : settings.schedule;
  options.retries = static_cast<std::uint32_t>(settings.retries.value_or(usual_retries(*line.job)));
  options.credit = static_cast<std::uint32_t>(settings.credit);
  options.failures_tolerated = settings.failures_tolerated;
  options.failure_ratio_tolerated = settings.failure_ratio_tolerated;
  options.stalled_after = settings.stalled_after;
  if (line.job->keeps_limits()) options.end_grace = settings.isolation.grace;
  if (const auto patience = lost_after_variable()) options.lost_after = *patience;
  return options;
}

}  // namespace taskrun
