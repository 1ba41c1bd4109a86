// SPDX-License-Identifier: MIT
#include "wordcount/word_entry.hpp"

#include <bit>
#include <cstring>

#include "taskrun/core/bytes.hpp"

namespace taskrun {
namespace {

constexpr std::size_t length_bytes = 4;

void put_eight_bytes(char* to, std::uint64_t number) {
  if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
  std::memcpy(to, &number, sizeof number);
}

}  // namespace

WordEntry LongWords::add(std::string_view word, std::uint64_t hash, std::uint64_t count) {
  const std::uint64_t group = checksum(view_of(word)) >> (64 - WordEntry::group_bits);
  WordEntry entry{hash, WordEntry::long_mark << 56U | group << WordEntry::place_bits, count};
  append(word, entry);
  return entry;
}

WordEntry LongWords::add(const WordEntry& entry, const LongWords& others) {
  WordEntry added = entry;
  added.last -= entry.place();
  append(others.of(entry), added);
  return added;
}

void LongWords::append(std::string_view word, WordEntry& entry) {
  entry.last |= bytes_.size();
  const auto size = static_cast<std::uint32_t>(word.size());
  char length[length_bytes];
  std::memcpy(length, &size, length_bytes);
  bytes_.append(length, length_bytes).append(word);
}

std::string_view LongWords::of(const WordEntry& entry) const {
  const char* const at = bytes_.data() + entry.place();
  std::uint32_t size;
  std::memcpy(&size, at, length_bytes);
  return {at + length_bytes, size};
}

bool LongWords::has(const WordEntry& entry) const {
  const std::uint64_t begin = entry.place() + length_bytes;
  return begin <= bytes_.size() && of(entry).size() <= bytes_.size() - begin;
}

std::string_view word_of(const WordEntry& entry, const LongWords& long_words, char (&room)[16]) {
  if (entry.is_long()) return long_words.of(entry);
  put_eight_bytes(room, entry.first);
  put_eight_bytes(room + 8, entry.last);
  return {room, static_cast<std::size_t>(entry.last >> 56U)};
}

}  // namespace taskrun
