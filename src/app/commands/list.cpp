// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "app/commands/commands.hpp"

namespace taskrun {

std::string list_text(const Registry& jobs) {
  std::size_t width = 0;
  for (const auto& entry : jobs.entries()) width = std::max(width, entry.name.size());
  std::string text;
  for (const auto& entry : jobs.entries()) {
    text += fmt::format("  {:<{}}  {}\n", entry.name, width, entry.help);
  }
  return text;
}

}  // namespace taskrun
