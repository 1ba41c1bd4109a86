// SPDX-License-Identifier: MIT
// Commands as text: cut into words as a shell would, without running one, and written so that a
// shell reads them back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// The words of a command, by the shell's rules for quotes and backslashes. Throws Error (usage)
/// where a quote is not closed, or something is meant for a shell (a pipe, a variable).
std::vector<std::string> split_words(std::string_view command);

/// The word as a shell reads it back, whatever is in it.
std::string word_for_shell(std::string_view word);
/// Likewise, with spaces between them.
std::string words_for_shell(const std::vector<std::string>& words);

}  // namespace taskrun
