// SPDX-License-Identifier: MIT
// How a command writes to stdout.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/program_start.hpp"

namespace taskrun {

using WriteText = std::function<void(std::string_view)>;

/// Lets `tell` write a little at a time, on the first rank alone; the exit
/// code, for all ranks.
int print_by(const ProgramStart& start, const std::function<void(const WriteText&)>& tell);
/// Likewise, a text as it is.
int print(const ProgramStart& start, const std::function<std::string()>& text);

}  // namespace taskrun
