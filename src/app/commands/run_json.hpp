// SPDX-License-Identifier: MIT
// The whole of a finished run for programs: what --json writes.
#pragma once

#include <string>

#include "app/cli/command_line.hpp"
#include "taskrun/engine/rank.hpp"

namespace taskrun {

/// What the result of a finished run tells of that failed; empty where nothing did.
std::string result_failure(const Job& job, const RunOutcome& outcome);

/// Keys: version, job, params, verdict ("complete" or "chunks_failed"), result (null for a job that
/// emits), account, failed, and failure where the result tells of one. Ends with a line's end.
std::string run_json(const CommandLine& line, const RunOutcome& outcome);

}  // namespace taskrun
