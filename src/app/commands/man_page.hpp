// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "app/cli/command.hpp"
#include "taskrun/job/registry.hpp"

namespace taskrun {

/// The program's manual page in section 1, as man(7) has it.
std::string man_page(const std::string& program, const Commands& commands, const Registry& jobs);

}  // namespace taskrun
