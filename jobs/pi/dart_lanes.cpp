// SPDX-License-Identifier: MIT
#include "pi/dart_lanes.hpp"

#include "pi/dart_avx2.hpp"
#include "pi/dart_kernel.hpp"

namespace taskrun {
namespace {

// Any processor. Also the two lanes of the smallest vectors that processors have.
struct AnyMachine {
  using Lanes [[gnu::vector_size(16)]] = std::uint64_t;
  [[gnu::always_inline]] static Lanes product_of_low(Lanes a, Lanes b) {
    return (a & low_half) * (b & low_half);
  }
};

struct Kernel {
  std::uint64_t (*count)(std::uint64_t seed, std::uint64_t begin, std::uint64_t end);
  std::uint64_t step;  // it counts multiples of so many pairs
};

Kernel best_kernel() {
#if defined(TASKRUN_AVX2)
  if (__builtin_cpu_supports("avx2")) return {count_pairs_avx2, pairs_at_once_avx2};
#endif
  return {count_pairs<AnyMachine>, pairs_at_once<AnyMachine>};
}

// Point by point, for what is left at the ends.
std::uint64_t count_slowly(std::uint64_t seed, std::uint64_t begin, std::uint64_t end) {
  std::uint64_t count = 0;
  for (std::uint64_t i = begin; i < end; ++i) {
    const auto words = item_random(seed, i / 2);
    const auto first = 2 * (i % 2);
    count += is_hit(words[first], words[first + 1]);
  }
  return count;
}

}  // namespace

std::uint64_t count_hits(std::uint64_t seed, std::uint64_t begin, std::uint64_t end) {
  const Kernel kernel = best_kernel();
  const std::uint64_t first = (begin + 1) / 2;
  if (first >= end / 2) return count_slowly(seed, begin, end);
  const std::uint64_t past = first + (end / 2 - first) / kernel.step * kernel.step;
  return count_slowly(seed, begin, 2 * first) + kernel.count(seed, first, past) +
         count_slowly(seed, 2 * past, end);
}

}  // namespace taskrun
