// SPDX-License-Identifier: MIT
// Whole numbers of 128 bits as text and as JSON, without losing a digit.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "taskrun/data/payload.hpp"

namespace taskrun {

inline std::string decimal(uint128 n) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(n % 10)));
    n /= 10;
  } while (n > 0);
  return digits;
}

/// As a number where every reader of JSON gets it exactly (a double holds 2^53), else as text.
inline nlohmann::json exact(uint128 n) {
  if (n <= uint128{1} << 53) return static_cast<std::uint64_t>(n);
  return decimal(n);
}

}  // namespace taskrun
