// SPDX-License-Identifier: MIT
// What a run must come to, without a plan and without messages.
#pragma once

#include <atomic>
#include <sstream>
#include <string>
#include <vector>

#include "scenario.hpp"
#include "taskrun/events/account.hpp"

namespace taskrun::testing {

/// Chunk after chunk in one loop, but for those that were given up, then reduced level by level.
inline std::string serial_result(const Scenario& scenario,
                                 const std::vector<FailedChunk>& given_up = {}) {
  const auto job = make_job(scenario);
  job->open();
  const Grid grid(scenario.item_count, scenario.chunk_count);
  const std::atomic<bool> stop = false;
  std::vector<Partial> level;
  std::string output;
  for (std::uint64_t chunk = 0; chunk < scenario.chunk_count; ++chunk) {
    Context context(chunk, 2, stop);  // the second try: only what fails always fails
    Partial partial;
    try {
      partial = job->map(grid.items(chunk), {}, context);
    } catch (const std::runtime_error&) {
    }
    for (const FailedChunk& failed : given_up) {
      if (failed.chunk == chunk) partial.reset();
    }
    if (job->emits() && partial.has_value()) output += std::any_cast<std::string>(partial);
    level.push_back(std::move(partial));
  }
  if (job->emits()) return output;
  while (level.size() > 1) {
    std::vector<Partial> next;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      Partial& left = level[i];
      if (i + 1 == level.size() || !level[i + 1].has_value()) {
        next.push_back(std::move(left));
      } else if (!left.has_value()) {
        next.push_back(std::move(level[i + 1]));
      } else {
        next.push_back(job->reduce(std::move(left), std::move(level[i + 1])));
      }
    }
    level = std::move(next);
  }
  const bool none = level.empty() || !level.front().has_value();
  std::ostringstream text;
  text << std::hexfloat;
  job->print(none ? job->nothing() : level.front(), text);
  return text.str();
}

}  // namespace taskrun::testing
