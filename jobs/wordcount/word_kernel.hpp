// SPDX-License-Identifier: MIT
// Counts the words and lines of text in memory, many bytes at a time. A word is counted where it
// starts: at a byte that is no whitespace, after one that is. So a border between two pieces of
// text neither splits nor doubles one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace taskrun {

/// What the byte before a text was.
enum class Before { space, word };

struct WordsAndLines {
  std::uint64_t words = 0;
  std::uint64_t lines = 0;
};

/// As the C locale has it: space, \t, \n, \v, \f and \r.
constexpr bool is_space(char c) { return c == ' ' || ('\t' <= c && c <= '\r'); }

WordsAndLines count_words(std::string_view text, Before before);

/// Which of 64 bytes are whitespace: a bit for each, the lowest for the first.
std::uint64_t space_mask(const char* text);

/// Whether the byte at that place belongs to whitespace as Python's str.split has it: the above,
/// U+001C to U+001F, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and
/// U+3000, in UTF-8. Bytes that are not UTF-8 are no whitespace. Looks at two bytes before and
/// after.
bool is_unicode_space(std::string_view text, std::size_t at);

/// Words of text[begin, end) by that whitespace; the text goes three bytes further to both sides,
/// where its source does.
WordsAndLines count_unicode_words(std::string_view text, std::size_t begin, std::size_t end);

}  // namespace taskrun
