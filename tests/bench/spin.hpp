// SPDX-License-Identifier: MIT
// Work whose amount is known: it cannot be skipped, vectorised or shared, and touches no memory.
#pragma once

#include <cstdint>

namespace taskrun::bench {

/// A well-mixed number (the finisher of MurmurHash3).
inline std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdU;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53U;
  return x ^ (x >> 33);
}

/// `rounds` mixings, each waiting for the one before.
inline std::uint64_t spin(std::uint64_t seed, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) seed = mixed(seed + i);
  return seed;
}

}  // namespace taskrun::bench
