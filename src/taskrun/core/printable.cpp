// SPDX-License-Identifier: MIT
#include "taskrun/core/printable.hpp"

#include <cstdint>

namespace taskrun {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

struct Character {
  std::size_t size = 1;      // in bytes
  std::uint32_t number = 0;  // 0 where the byte is no UTF-8
};

Character character_at(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {1, first};
  const std::size_t size = first < 0xc2   ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || text.size() < size) return {};
  std::uint32_t number = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return {};
    number = number << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = number >= 0xd800 && number <= 0xdfff;
  if (number < smallest[size] || number > 0x10ffff || is_surrogate) return {};
  return {size, number};
}

bool is_utf8(Character character, std::string_view text) {
  return character.number != 0 || text.front() == '\0';
}

bool is_control(std::uint32_t number) {
  return number < 0x20 || (number >= 0x7f && number <= 0x9f) || number == 0x2028 ||
         number == 0x2029;
}

// They change the order in which what follows is shown.
bool is_bidirectional(std::uint32_t number) {
  return number == 0x061c || number == 0x200e || number == 0x200f ||
         (number >= 0x202a && number <= 0x202e) || (number >= 0x2066 && number <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Character character = character_at(text);
    if (is_control(character.number) || is_bidirectional(character.number)) {
      shown += '?';
    } else {
      shown += text.substr(0, character.size);
    }
    text.remove_prefix(character.size);
  }
  return shown;
}

bool has_only_utf8(std::string_view text) {
  while (!text.empty()) {
    const Character character = character_at(text);
    if (!is_utf8(character, text)) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

std::string_view first_bytes(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  // A character has at most three bytes after its first.
  std::size_t end = most_bytes;
  while (end > 0 && most_bytes - end < 3 && is_continuation(text[end])) --end;
  return text.substr(0, is_continuation(text[end]) ? most_bytes : end);
}

}  // namespace taskrun
