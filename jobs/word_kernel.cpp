// SPDX-License-Identifier: MIT
#include "word_kernel.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace taskrun {
namespace {

// One vector of bytes; compilers make two of it where the processor's are smaller.
constexpr std::size_t width = 32;
using Vector [[gnu::vector_size(width)]] = unsigned char;
// Counters of one byte, which take so many additions of 1.
constexpr std::size_t most_steps = 255;

[[gnu::always_inline]] inline Vector load(const char* from) {
  Vector bytes;
  std::memcpy(&bytes, from, width);
  return bytes;
}

// All bits set in the bytes that are whitespace.
[[gnu::always_inline]] inline Vector spaces(Vector bytes) {
  return Vector(bytes == ' ') | Vector(bytes - '\t' <= '\r' - '\t');
}

[[gnu::always_inline]] inline std::uint64_t sum(Vector counters) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < width; ++i) total += counters[i];
  return total;
}

// The bytes [1, size) of text, where byte 0 is only looked at; size - 1 is a multiple of width.
[[gnu::always_inline]] inline WordsAndLines count_vectors(const char* text, std::size_t size) {
  WordsAndLines counts;
  for (std::size_t at = 1; at < size;) {
    const std::size_t end = std::min(size, at + most_steps * width);
    Vector words{};
    Vector lines{};
    for (; at < end; at += width) {
      const Vector here = load(text + at);
      // What is true is all ones, which is -1.
      words -= spaces(load(text + at - 1)) & ~spaces(here);
      lines -= Vector(here == '\n');
    }
    counts.words += sum(words);
    counts.lines += sum(lines);
  }
  return counts;
}

WordsAndLines count_anywhere(const char* text, std::size_t size) {
  return count_vectors(text, size);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] WordsAndLines count_avx2(const char* text, std::size_t size) {
  return count_vectors(text, size);
}
#endif

WordsAndLines count_fast(const char* text, std::size_t size) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return count_avx2(text, size);
#endif
  return count_anywhere(text, size);
}

// Byte by byte; `space` is what the byte before was, and then what the last one is.
WordsAndLines count_slowly(std::string_view text, bool& space) {
  WordsAndLines counts;
  for (const char c : text) {
    const bool now = is_space(c);
    counts.words += space && !now;
    counts.lines += c == '\n';
    space = now;
  }
  return counts;
}

WordsAndLines operator+(WordsAndLines a, WordsAndLines b) {
  return {a.words + b.words, a.lines + b.lines};
}

// How many bytes the whitespace takes that begins there; 0 where none does.
std::size_t space_size(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return is_space(text[at]) || (0x1c <= first && first <= 0x1f) ? 1 : 0;
  if (first == 0xc2) return byte(1) == 0x85 || byte(1) == 0xa0 ? 2 : 0;
  const unsigned rest = byte(1) << 8 | byte(2);
  const bool three = (first == 0xe1 && rest == 0x9a80) || (first == 0xe3 && rest == 0x8080) ||
                     (first == 0xe2 && ((0x8080 <= rest && rest <= 0x808a) || rest == 0x80a8 ||
                                        rest == 0x80a9 || rest == 0x80af || rest == 0x819f));
  return three ? 3 : 0;
}

}  // namespace

WordsAndLines count_words(std::string_view text, Before before) {
  bool space = before == Before::space;
  if (text.size() <= width) return count_slowly(text, space);
  WordsAndLines counts = count_slowly(text.substr(0, 1), space);
  const std::size_t fast = (text.size() - 1) / width * width;
  counts = counts + count_fast(text.data(), fast + 1);
  space = is_space(text[fast]);
  return counts + count_slowly(text.substr(fast + 1), space);
}

// The first bytes of whitespace never are later ones, so each byte belongs to at most one.
bool is_unicode_space(std::string_view text, std::size_t at) {
  for (std::size_t back = 0; back < 3 && back <= at; ++back) {
    if (space_size(text, at - back) > back) return true;
  }
  return false;
}

WordsAndLines count_unicode_words(std::string_view text, std::size_t begin, std::size_t end) {
  WordsAndLines counts;
  bool space = begin == 0 || is_unicode_space(text, begin - 1);
  for (std::size_t at = begin; at < end; ++at) {
    // Of letters below 0x80 only themselves matter.
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool now = byte < 0x80 ? space_size(text, at) > 0 : is_unicode_space(text, at);
    counts.words += space && !now;
    counts.lines += text[at] == '\n';
    space = now;
  }
  return counts;
}

}  // namespace taskrun
