// SPDX-License-Identifier: MIT
#include "wordcount/word_kernel.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

// A bit for each of 64 bytes.
std::uint64_t space_mask_anywhere(const char* text) {
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < 64; ++i) mask |= std::uint64_t{is_space(text[i])} << i;
  return mask;
}

#if defined(__x86_64__)

// The lower four bits of a whitespace byte tell which it can be: that one is looked up, and
// compared with the byte. The lookup gives 0 for bytes from 0x80 on, which is none of them.
[[gnu::target("avx2"), gnu::always_inline]] inline __m256i spaces_avx2(__m256i bytes) {
  constexpr char no = -1;
  const __m256i whitespace = _mm256_setr_epi8(
      ' ', no, no, no, no, no, no, no, no, '\t', '\n', '\v', '\f', '\r', no, no,  //
      ' ', no, no, no, no, no, no, no, no, '\t', '\n', '\v', '\f', '\r', no, no);
  return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(whitespace, bytes), bytes);
}

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i load_avx2(const char* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

[[gnu::target("avx2"), gnu::always_inline]] inline std::uint64_t bits_avx2(__m256i low,
                                                                           __m256i high) {
  const auto lower = static_cast<std::uint32_t>(_mm256_movemask_epi8(low));
  const auto upper = static_cast<std::uint32_t>(_mm256_movemask_epi8(high));
  return lower | std::uint64_t{upper} << 32U;
}

[[gnu::target("avx2")]] std::uint64_t space_mask_avx2(const char* text) {
  return bits_avx2(spaces_avx2(load_avx2(text)), spaces_avx2(load_avx2(text + 32)));
}

// As count_vectors, but 64 bytes at a time, and all of the size; `space` is of the byte before.
[[gnu::target("avx2,popcnt")]] WordsAndLines count_avx2(const char* text, std::size_t size,
                                                        bool space) {
  WordsAndLines counts;
  const __m256i newline = _mm256_set1_epi8('\n');
  std::uint64_t before = space ? 1 : 0;
  for (std::size_t at = 0; at < size; at += 64) {
    const __m256i low = load_avx2(text + at);
    const __m256i high = load_avx2(text + at + 32);
    const std::uint64_t mask = bits_avx2(spaces_avx2(low), spaces_avx2(high));
    counts.words += static_cast<std::uint64_t>(__builtin_popcountll((mask << 1U | before) & ~mask));
    before = mask >> 63U;
    counts.lines += static_cast<std::uint64_t>(__builtin_popcountll(
        bits_avx2(_mm256_cmpeq_epi8(low, newline), _mm256_cmpeq_epi8(high, newline))));
  }
  return counts;
}

bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"); }

#endif

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
#if defined(__x86_64__)
  if (has_avx2() && text.size() >= 64) {
    const std::size_t most = text.size() / 64 * 64;
    const WordsAndLines counts = count_avx2(text.data(), most, space);
    space = is_space(text[most - 1]);
    return counts + count_slowly(text.substr(most), space);
  }
#endif
  if (text.size() <= width) return count_slowly(text, space);
  WordsAndLines counts = count_slowly(text.substr(0, 1), space);
  const std::size_t fast = (text.size() - 1) / width * width;
  counts = counts + count_anywhere(text.data(), fast + 1);
  space = is_space(text[fast]);
  return counts + count_slowly(text.substr(fast + 1), space);
}

std::uint64_t space_mask(const char* text) {
#if defined(__x86_64__)
  static const bool fast = has_avx2();
  if (fast) return space_mask_avx2(text);
#endif
  return space_mask_anywhere(text);
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
