// SPDX-License-Identifier: MIT
// The run options about user code that goes wrong: isolation, its limits, and running one chunk
// alone.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "taskrun/exec/isolation.hpp"
#include "taskrun/job/params.hpp"

namespace taskrun {

struct IsolationSettings {
  bool isolate = false;
  IsolationLimits limits;
  Duration grace = std::chrono::seconds(5);
  std::optional<std::uint64_t> only_chunk;  ///< from 0; people count from 1

  /// Whether chunks are computed in processes of their own: limits can be kept nowhere else.
  bool asked() const {
    return isolate || limits.timeout > Duration::zero() || limits.timeout_ratio > 0 ||
           limits.memory_bytes > 0;
  }
};

/// The settings as options, in the order of the help; `settings` outlives them.
std::vector<Param> isolation_params(IsolationSettings& settings);

}  // namespace taskrun
