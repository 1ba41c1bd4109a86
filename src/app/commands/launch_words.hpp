// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "app/cli/command_line.hpp"

namespace taskrun {

/// The arguments of each rank that a line of `launch` starts: all but those of
/// launch itself.
std::vector<std::string> rank_arguments(const CommandLine& line);

}  // namespace taskrun
