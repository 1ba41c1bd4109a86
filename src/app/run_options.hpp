// SPDX-License-Identifier: MIT
// From the command line to what the engine wants to know.
#pragma once

#include "app/cli/command_line.hpp"
#include "taskrun/engine/rank.hpp"

namespace taskrun {

/// All but the slots: those depend on where the rank runs.
RunOptions run_options(const CommandLine& line);

/// RunOptions::lost_after, where the environment says it: for tests, which cannot wait for long.
std::optional<Duration> lost_after_variable();

}  // namespace taskrun
