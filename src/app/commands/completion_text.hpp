// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "app/commands/completion_tables.hpp"

namespace taskrun {

/// Scripts that let a shell complete what is typed behind the program's name.
std::string bash_completion(const CompletionTables& tables);
std::string zsh_completion(const CompletionTables& tables);
std::string fish_completion(const CompletionTables& tables);

}  // namespace taskrun
