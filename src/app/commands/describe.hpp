// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "app/cli/command_line.hpp"

namespace taskrun {

/// What a run with these parameters would be: values, items, chunks. Opens the dataset.
std::string describe_text(CommandLine& line);

}  // namespace taskrun
