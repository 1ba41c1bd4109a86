// SPDX-License-Identifier: MIT
#include "taskrun/launch/run_secret.hpp"

#include <sys/random.h>

#include <array>
#include <charconv>

#include "taskrun/core/error.hpp"

namespace taskrun {

std::string random_text() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw environment_error("the system has no random numbers");
  }
  std::string text;
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::uint64_t secret_number(const std::string& secret) {
  std::uint64_t number = 0;
  const std::string digits = secret.substr(0, 16);
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

}  // namespace taskrun
