// SPDX-License-Identifier: MIT
// A word and how often it was seen, in three numbers.
#pragma once

#include <bit>
#include <boost/mpl/bool.hpp>
#include <boost/serialization/is_bitwise_serializable.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace taskrun {
namespace detail {

// The lowest bytes of a number.
inline std::uint64_t lowest_bytes(std::uint64_t number, std::size_t bytes) {
  return bytes >= 8 ? number : number & ((std::uint64_t{1} << (8 * bytes)) - 1);
}

inline std::uint64_t eight_bytes(const char* from) {
  std::uint64_t number;
  std::memcpy(&number, from, sizeof number);
  if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
  return number;
}

}  // namespace detail

/// A word of up to 15 bytes is in `first` and `last`, whose top byte is its size. Of a longer one
/// they are a hash, and its place among the long words below a top byte of 255. The default is
/// none.
struct WordEntry {
  static constexpr std::size_t most_short_bytes = 15;
  static constexpr std::uint64_t long_mark = 0xff;
  static constexpr unsigned group_bits = 12;
  static constexpr unsigned place_bits = 56 - group_bits;

  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t count = 0;

  /// `word` has 16 readable bytes, of which `size`, at most 15, are the word.
  static WordEntry of_short(const char* word, std::size_t size, std::uint64_t count) {
    WordEntry entry;
    entry.first = detail::lowest_bytes(detail::eight_bytes(word), size);
    if (size > 8) entry.last = detail::lowest_bytes(detail::eight_bytes(word + 8), size - 8);
    entry.last |= std::uint64_t{size} << 56U;
    entry.count = count;
    return entry;
  }

  bool empty() const { return last == 0; }
  bool has_short_size() const { return last >> 56U <= most_short_bytes; }
  std::size_t place() const { return last & ((std::uint64_t{1} << place_bits) - 1); }
  /// By a hash that is the same in all processes.
  std::size_t group() const {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
    return is_long() ? last >> place_bits & ((1U << group_bits) - 1)
                     : (first ^ last) * odd >> (64 - group_bits);
  }
  bool is_long() const { return last >> 56U == long_mark; }
};

/// Long words, one after the other. The hash of each is what its owner needs.
class LongWords {
 public:
  /// The entry of a word that is not there yet.
  WordEntry add(std::string_view word, std::uint64_t hash, std::uint64_t count);
  /// The same for one that others have.
  WordEntry add(const WordEntry& entry, const LongWords& others);
  std::string_view of(const WordEntry& entry) const;
  /// Whether there is one at the entry's place.
  bool has(const WordEntry& entry) const;
  void clear() { bytes_.clear(); }

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& bytes_;
  }

 private:
  void append(std::string_view word, WordEntry& entry);

  std::string bytes_;  // each after its size, in four bytes
};

/// Valid as long as the room and the long words.
std::string_view word_of(const WordEntry& entry, const LongWords& long_words, char (&room)[16]);

}  // namespace taskrun

BOOST_IS_BITWISE_SERIALIZABLE(taskrun::WordEntry)
