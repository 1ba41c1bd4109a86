// SPDX-License-Identifier: MIT
// The loop of dart_lanes.cpp, to be compiled for one kind of processor or another: a Machine has
// the vector, `Lanes`, and `product_of_low`. Included by one source file for each, whose own it is.
#pragma once

#include <cstdint>

#include "shared/item_random.hpp"

namespace taskrun {
namespace {

// Each lane holds a word of 32 bits of its own point pair in 64, since products need them.
// The upper half may hold rubbish: multiplying and shifting ignore it.
constexpr std::uint64_t low_half = 0xffff'ffff;

// The vectors that are in flight at a time: their chains of multiplications hide each other's
// latency, and the sixteen registers hold two.
constexpr int group = 2;

// 1 in the lanes that is_hit(x, y).
template <class Machine, class Lanes = typename Machine::Lanes>
[[gnu::always_inline]] inline Lanes hits(Lanes x, Lanes y) {
  const auto a = ((x & low_half) >> 1) | 1;
  const auto b = ((y & low_half) >> 1) | 1;
  // The sum is below 2^63, so the difference has its sign bit just where the sum is below 2^62.
  return (Machine::product_of_low(a, a) + Machine::product_of_low(b, b) -
          (std::uint64_t{1} << 62)) >>
         63;
}

template <class Lanes>
struct Words {
  Lanes a, b, c, d;
};

// A round of Philox4x32.
template <class Machine, class Lanes = typename Machine::Lanes>
[[gnu::always_inline]] inline void mix(Words<Lanes>& w, Lanes factor0, Lanes factor1,
                                       std::uint32_t key0, std::uint32_t key1) {
  const auto first = Machine::product_of_low(w.a, factor0);
  const auto second = Machine::product_of_low(w.c, factor1);
  w = Words<Lanes>{(second >> 32) ^ w.b ^ key0, second, (first >> 32) ^ w.d ^ key1, first};
}

template <class Machine>
constexpr std::uint64_t pairs_at_once = group * sizeof(typename Machine::Lanes) / 8;

// The hits of the pairs [begin, end), whose number is a multiple of pairs_at_once<Machine>.
template <class Machine, class Lanes = typename Machine::Lanes>
[[gnu::always_inline]] inline std::uint64_t count_pairs(std::uint64_t seed, std::uint64_t begin,
                                                        std::uint64_t end) {
  constexpr int lanes = sizeof(Lanes) / 8;
  Lanes lane;
  for (int i = 0; i < lanes; ++i) lane[i] = static_cast<std::uint64_t>(i);
  const auto factor0 = Lanes{} + std::uint64_t{PHILOX_M4x32_0};
  const auto factor1 = Lanes{} + std::uint64_t{PHILOX_M4x32_1};
  Lanes count{};
  for (std::uint64_t pair = begin; pair < end; pair += pairs_at_once<Machine>) {
    Words<Lanes> words[group];
    for (int g = 0; g < group; ++g) {
      const auto number = lane + (pair + static_cast<std::uint64_t>(g * lanes));
      words[g] = Words<Lanes>{number, number >> 32, {}, {}};
    }
    auto key0 = static_cast<std::uint32_t>(seed);
    auto key1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      for (auto& w : words) mix<Machine>(w, factor0, factor1, key0, key1);
      key0 += PHILOX_W32_0;
      key1 += PHILOX_W32_1;
    }
    for (const auto& w : words) count += hits<Machine>(w.a, w.b) + hits<Machine>(w.c, w.d);
  }
  std::uint64_t sum = 0;
  for (int i = 0; i < lanes; ++i) sum += count[i];
  return sum;
}

}  // namespace
}  // namespace taskrun
