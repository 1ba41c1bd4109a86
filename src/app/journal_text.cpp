// SPDX-License-Identifier: MIT
#include "app/journal_text.hpp"

#include <ctime>

namespace taskrun {

std::string time_text(double unix_seconds) {
  const auto whole = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  localtime_r(&whole, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%F %T", &parts)};
}

}  // namespace taskrun
