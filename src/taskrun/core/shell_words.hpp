// SPDX-License-Identifier: MIT
// Words of a command as a user types them.
#pragma once

#include <string>
#include <vector>

namespace taskrun {

/// In quotes where a shell would not read it back as it is.
std::string shell_word(const std::string& word);

/// Words with spaces between them.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace taskrun
