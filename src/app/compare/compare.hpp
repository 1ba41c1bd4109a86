// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_line.hpp"
#include "app/compare/compare_settings.hpp"
#include "app/standard_streams.hpp"

namespace taskrun {

/// Runs the job in several ways, one after the other, and tells what each took; the exit code. What
/// a run that fails says is passed on, and so is its exit code. Throws Error.
int compare(const CommandLine& line, const CompareSettings& settings,
            const StandardStreams& streams);

}  // namespace taskrun
