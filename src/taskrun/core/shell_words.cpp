// SPDX-License-Identifier: MIT
#include "taskrun/core/shell_words.hpp"

#include "taskrun/core/printable.hpp"

namespace taskrun {
namespace {

constexpr std::string_view plain_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%^";

// As bash, and sh from POSIX.1-2024 on, read it.
std::string escaped(std::string_view word) {
  std::string quoted = "$'";
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (!is_plain(c)) {
      quoted += '\\';
      for (int shift = 6; shift >= 0; shift -= 3)
        quoted += static_cast<char>('0' + (byte >> shift & 7));
    } else {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted += '\'';
}

}  // namespace

std::string shell_word(std::string_view word) {
  if (!word.empty() && word.find_first_not_of(plain_characters) == word.npos) {
    return std::string(word);
  }
  std::string quoted(1, '\'');
  for (const char c : word) {
    if (c == '\'') quoted += "'\\'";
    quoted += c;
  }
  return quoted += '\'';
}

std::string printable_shell_word(std::string_view word) {
  return printable(word) == word ? shell_word(word) : escaped(word);
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ' ';
    text += shell_word(word);
  }
  return text;
}

}  // namespace taskrun
