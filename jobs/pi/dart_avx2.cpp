// SPDX-License-Identifier: MIT
#include "pi/dart_avx2.hpp"

#include <immintrin.h>

#include "pi/dart_kernel.hpp"

namespace taskrun {

namespace {

struct Avx2 {
  using Lanes [[gnu::vector_size(32)]] = std::uint64_t;
  // One instruction, which GCC does not find by itself.
  [[gnu::always_inline]] static Lanes product_of_low(Lanes a, Lanes b) {
    return Lanes(_mm256_mul_epu32(__m256i(a), __m256i(b)));
  }
};

}  // namespace

std::uint64_t count_pairs_avx2(std::uint64_t seed, std::uint64_t begin, std::uint64_t end) {
  return count_pairs<Avx2>(seed, begin, end);
}
extern const std::uint64_t pairs_at_once_avx2 = pairs_at_once<Avx2>;

}  // namespace taskrun
