// SPDX-License-Identifier: MIT
// The loop of dart_kernel.hpp for processors with AVX2, in a file of its own since nothing else may
// be compiled for them. Left out where there are none.
#pragma once

#include <cstdint>

namespace taskrun {

/// The hits of the pairs [begin, end), whose number is a multiple of pairs_at_once_avx2. Only where
/// the processor has AVX2.
std::uint64_t count_pairs_avx2(std::uint64_t seed, std::uint64_t begin, std::uint64_t end);
extern const std::uint64_t pairs_at_once_avx2;

}  // namespace taskrun
