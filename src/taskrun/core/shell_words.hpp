// SPDX-License-Identifier: MIT
// Words of a command as a user types them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// In quotes where a shell would not read it back as it is.
std::string shell_word(std::string_view word);

/// For people, who may give it to bash: nothing in it that printable() would not show.
std::string printable_shell_word(std::string_view word);

/// Words with spaces between them.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace taskrun
