// SPDX-License-Identifier: MIT
// Random numbers that depend on a seed and an item's number alone, so that they are the same
// whoever draws them, in whatever order and however often: Philox4x32-10 of Random123.
#pragma once

#include <Random123/philox.h>

#include <cstdint>

namespace taskrun {

/// Four random words for an item; `stream` tells apart what is drawn for the same item.
inline r123::Philox4x32::ctr_type item_random(std::uint64_t seed, std::uint64_t item,
                                              std::uint32_t stream = 0) {
  const auto low = [](std::uint64_t word) { return static_cast<std::uint32_t>(word); };
  return r123::Philox4x32{}({{low(item), low(item >> 32), stream, 0}},
                            {{low(seed), low(seed >> 32)}});
}

}  // namespace taskrun
