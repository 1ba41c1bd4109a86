// SPDX-License-Identifier: MIT
// The whole of a finished run for programs: what --json writes.
#pragma once

#include <string>

#include "app/command_line.hpp"
#include "taskrun/engine/rank.hpp"

namespace taskrun {

/// Keys: version, job, params, verdict ("complete" or "chunks_failed"), result (null for a job that
/// emits), account, failed. Ends with a line's end.
std::string run_json(const CommandLine& line, const RunOutcome& outcome);

}  // namespace taskrun
