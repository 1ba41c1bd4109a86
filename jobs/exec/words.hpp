// SPDX-License-Identifier: MIT
// Commands as text: cut into words as a shell would, without running one. How they are written for
// one is core/shell_words.hpp's matter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// The words of a command, by the shell's rules for quotes and backslashes. Throws Error (usage)
/// where a quote is not closed, or something is meant for a shell (a pipe, a variable).
std::vector<std::string> split_words(std::string_view command);

}  // namespace taskrun
