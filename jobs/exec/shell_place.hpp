// SPDX-License-Identifier: MIT
// Where a reader of a text for a shell is.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

struct ShellPlace {
  enum class In {
    command,  // also in (…) and $(…)
    single_quotes,
    double_quotes,
    arithmetic,
    backquotes,
    braces,  // ${…}
  };

  In in = In::command;
  // Of a command:
  std::vector<std::string> words{};  // of the simple command, without quotes
  std::string word{};                // the begun one
  bool in_word = false;
  bool is_plain = true;    // no part of the begun word is quoted
  bool is_target = false;  // of a redirection
  bool is_part = false;    // $(…): of a word around it
  std::size_t case_count = 0;
  int parentheses = 0;  // of arithmetic
};

struct HereDocument {
  bool strips_tabs = false;
  std::string end{};
};

/// Behind most of them a command begins.
inline bool is_shell_keyword(std::string_view word) {
  static constexpr std::array<std::string_view, 16> keywords{
      "if",   "then", "elif", "else", "fi",   "while",    "until",  "do",
      "done", "{",    "}",    "!",    "time", "function", "coproc", "esac"};
  return std::find(keywords.begin(), keywords.end(), word) != keywords.end();
}

}  // namespace taskrun
