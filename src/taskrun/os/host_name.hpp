// SPDX-License-Identifier: MIT
// What this computer is called.
#pragma once

#include <unistd.h>

#include <array>
#include <string>

namespace taskrun {

inline std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace taskrun
