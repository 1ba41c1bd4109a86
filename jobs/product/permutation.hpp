// SPDX-License-Identifier: MIT
// A random order of the numbers below a limit, of which each place is computed by itself: no list
// is kept, so that any chunk can draw its own part of a sample.
#pragma once

#include <bit>
#include <cstdint>

#include "shared/item_random.hpp"
#include "taskrun/core/contract.hpp"

namespace taskrun {

/// A Feistel network over the next larger even number of bits; numbers that come out too large are
/// sent through it again until they are not (at most some four times, on average).
class Permutation {
 public:
  /// Of the numbers below `size`, which is not 0.
  Permutation(std::uint64_t size, std::uint64_t seed)
      : size_(size), seed_(seed), half_bits_(static_cast<int>(std::bit_width(size - 1) + 1) / 2) {
    TASKRUN_EXPECT(size > 0);
    if (half_bits_ == 0) half_bits_ = 1;
  }

  /// The number at a place; both below size.
  std::uint64_t at(std::uint64_t place) const {
    std::uint64_t number = place;
    do number = mixed(number);
    while (number >= size_);
    return number;
  }

 private:
  std::uint64_t mixed(std::uint64_t number) const {
    // Three rounds of a random function make a random permutation (Luby and Rackoff, 1988); some
    // more, since small halves leave few of them.
    constexpr std::uint32_t rounds = 6;
    const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = number >> half_bits_;
    std::uint64_t right = number & mask;
    for (std::uint32_t round = 0; round < rounds; ++round) {
      const std::uint64_t next = left ^ (item_random(seed_, right, round + 1)[0] & mask);
      left = right;
      right = next;
    }
    return left << half_bits_ | right;
  }

  std::uint64_t size_;
  std::uint64_t seed_;
  int half_bits_;
};

}  // namespace taskrun
