// SPDX-License-Identifier: MIT
#include "app/run_options.hpp"

#include <optional>

#include "taskrun/core/bytes.hpp"
#include "taskrun/job/number.hpp"
#include "taskrun/launch/rank_environment.hpp"
#include "taskrun/os/build_digest.hpp"

namespace taskrun {

std::optional<Duration> lost_after_variable() {
  return parse_duration(rank_environment().lost_after);
}

RunOptions run_options(const CommandLine& line) {
  const RunSettings& settings = line.settings;
  RunOptions options;
  options.build = build_digest();
  // What ranks must agree on: the job, its parameters and the shape of the grid.
  const std::string job = line.entry->name + " " + line.params.canonical() +
                          "chunks=" + std::to_string(settings.chunk_count) +
                          " chunk-size=" + std::to_string(settings.chunk_size);
  options.job = checksum(view_of(job));
  options.chunk_count = settings.chunk_count;
  options.chunk_size = settings.chunk_size;
  options.schedule = settings.schedule;
  // A slot computes its lease in order: an item must not wait behind another that waits.
  // Likewise where it could not be given to another slot any more.
  if ((line.job->io_bound() || line.job->has_effects()) &&
      settings.schedule == Schedule::automatic) {
    options.schedule = Schedule::dynamic;
  }
  const std::uint32_t usual_retries = line.job->has_effects() ? 0 : default_retries;
  options.retries = static_cast<std::uint32_t>(settings.retries.value_or(usual_retries));
  options.credit = static_cast<std::uint32_t>(settings.credit);
  options.failures_tolerated = settings.failures_tolerated;
  options.failure_ratio_tolerated = settings.failure_ratio_tolerated;
  options.stalled_after = settings.stalled_after;
  if (line.job->keeps_limits()) options.end_grace = settings.isolation.grace;
  if (const auto patience = lost_after_variable()) options.lost_after = *patience;
  return options;
}

}  // namespace taskrun
