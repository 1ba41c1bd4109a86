// SPDX-License-Identifier: MIT
// The commands of the program: a file each, <name>.cpp, and a line in the list
// of CMakeLists.txt.
#pragma once

#include "app/cli/command.hpp"

namespace taskrun {

const Commands& all_commands();

}  // namespace taskrun
