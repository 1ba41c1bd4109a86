// SPDX-License-Identifier: MIT
// Division that rounds up: how many parts of a size it takes to hold so much.
#pragma once

#include <cstdint>

namespace taskrun {

/// Exact for all numbers; b is not 0.
constexpr std::uint64_t divided_up(std::uint64_t a, std::uint64_t b) {
  return a / b + (a % b != 0);
}

}  // namespace taskrun
