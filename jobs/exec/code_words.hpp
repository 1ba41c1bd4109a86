// SPDX-License-Identifier: MIT
// Which words of a command are read as a language, by the program that gets them or by the shell
// itself: a value is not to be part of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// Stands in a word where a value will be.
inline constexpr char value_mark = '\0';
/// Stands before a $ that is quoted.
inline constexpr char quoted_mark = '"';

/// Who reads the word as code, such as "bash"; none where nobody does. `before` are the words of
/// the command before it.
std::optional<std::string> reader_of_code(const std::vector<std::string>& before,
                                          const std::string& word);

/// Likewise for what a shell has built in, and for assignments.
std::optional<std::string> builtin_reader_of_code(const std::vector<std::string>& before,
                                                  const std::string& word);

}  // namespace taskrun
