// SPDX-License-Identifier: MIT
// What Slurm knows of the allocation that a run is in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// What `squeue -o %L` prints: [[days-]hours:]minutes:seconds. Nothing for UNLIMITED, NOT_SET and
/// INVALID, or for what is none of these.
std::optional<Duration> parse_slurm_time(std::string_view text);

/// How long the allocation still lasts. Asks squeue and waits for its answer, some seconds at most;
/// nothing where there is none.
std::optional<Duration> slurm_time_left(const std::string& job_id);

}  // namespace taskrun
