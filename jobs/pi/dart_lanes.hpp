// SPDX-License-Identifier: MIT
// Random points in a square, several at a time: Philox4x32-10, as Random123 has it, over lanes of
// vectors. The same count on every processor; where there is AVX2, it is used.
#pragma once

#include <cstdint>

#include "shared/item_random.hpp"

namespace taskrun {

/// A point from two random words: the odd numbers below 2^31, which lie in the middle of their
/// cells. Whether it is inside the quarter of a circle with radius 2^31. Exact.
inline bool is_hit(std::uint32_t x, std::uint32_t y) {
  const std::uint64_t a = (x >> 1) | 1;
  const std::uint64_t b = (y >> 1) | 1;
  return a * a + b * b < std::uint64_t{1} << 62;
}

/// How many of the points [begin, end) are hits. Points 2k and 2k + 1 are the four words of
/// item_random(seed, k).
std::uint64_t count_hits(std::uint64_t seed, std::uint64_t begin, std::uint64_t end);

}  // namespace taskrun
