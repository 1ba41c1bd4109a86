// SPDX-License-Identifier: MIT
#include "taskrun/report/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

namespace taskrun {
namespace {

// Three digits, whatever the size: 1.23, 12.3, 123.
std::string three_digits(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

std::string scaled(double value, std::string_view unit) {
  constexpr std::array<std::string_view, 7> prefixes{"", "k", "M", "G", "T", "P", "E"};
  std::size_t power = 0;
  while (value >= 999.5 && power + 1 < prefixes.size()) {
    value /= 1000;
    ++power;
  }
  if (power == 0) return fmt::format("{:.0f}{}{}", value, unit.empty() ? "" : " ", unit);
  return fmt::format("{} {}{}", three_digits(value), prefixes[power], unit);
}

std::string clock_text(long long total_seconds) {
  const auto minutes = total_seconds / 60;
  const auto hours = minutes / 60;
  if (hours >= 48) return fmt::format("{} d {:02} h", hours / 24, hours % 24);
  if (hours >= 2) return fmt::format("{} h {:02} min", hours, minutes % 60);
  return fmt::format("{} min {:02} s", minutes, total_seconds % 60);
}

}  // namespace

std::string readable_count(double count) { return scaled(count, ""); }

std::string readable_bytes(double bytes) { return scaled(bytes, "B"); }

std::string readable_duration(Duration d) {
  const double s = seconds(d);
  if (s >= 119.5) return clock_text(std::llround(s));
  if (s >= 0.9995 || s <= 0) return three_digits(s) + " s";
  if (s >= 0.9995e-3) return three_digits(s * 1e3) + " ms";
  return three_digits(s * 1e6) + " µs";
}

std::string readable_ratio(double ratio) {
  return ratio >= 0.9995 ? fmt::format("{:.0f} %", ratio * 100)
                         : fmt::format("{:.1f} %", ratio * 100);
}

}  // namespace taskrun
