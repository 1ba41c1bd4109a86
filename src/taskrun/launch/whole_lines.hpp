// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace taskrun {

/// Keeps back the begin of a line until the line is whole, so that lines of several writers do not
/// mix. What grows too long for a line is passed on as it is.
class WholeLines {
 public:
  /// Takes the next bytes; returns the lines that are whole, with their ends.
  std::string add(std::string_view bytes) {
    held_ += bytes;
    constexpr std::size_t most_held = 65536;
    const auto end = held_.size() > most_held ? held_.size() - 1 : held_.rfind('\n');
    if (end == std::string::npos) return "";
    std::string whole = held_.substr(0, end + 1);
    held_.erase(0, end + 1);
    return whole;
  }
  /// What is left at the end, without an end of a line.
  std::string rest() { return std::exchange(held_, {}); }

 private:
  std::string held_;
};

}  // namespace taskrun
