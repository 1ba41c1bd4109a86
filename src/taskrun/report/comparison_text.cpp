// SPDX-License-Identifier: MIT
// The table and the bars of a comparison.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "taskrun/report/comparison.hpp"
#include "taskrun/report/text.hpp"

namespace taskrun {
namespace {

constexpr std::size_t column_count = 7;
using Row = std::array<std::string, column_count>;

double quotient(Duration a, Duration b) {
  return b <= Duration::zero() ? 0 : seconds(a) / seconds(b);
}

Row row_of(const Comparison& comparison, const VariantFigures& variant) {
  return {variant.name,
          std::to_string(variant.at_once),
          fmt::format("{:.3f}", seconds(variant.wall)),
          fmt::format("{:.2f} x", speed_up(comparison, variant)),
          readable_ratio(efficiency(comparison, variant)),
          fmt::format("{:.3f}", seconds(variant.processor)),
          readable_bytes(static_cast<double>(variant.peak_memory_bytes))};
}

std::size_t longest_name(const Comparison& comparison) {
  std::size_t width = 0;
  for (const auto& variant : comparison.variants) width = std::max(width, variant.name.size());
  return width;
}

}  // namespace

double speed_up(const Comparison& comparison, const VariantFigures& variant) {
  return quotient(comparison.variants.front().wall, variant.wall);
}

double efficiency(const Comparison& comparison, const VariantFigures& variant) {
  return speed_up(comparison, variant) / static_cast<double>(variant.at_once);
}

double load_of(const VariantFigures& variant) {
  return quotient(variant.processor + variant.queued, variant.wall);
}

Duration longest_wall(const Comparison& comparison) {
  Duration longest{};
  for (const auto& variant : comparison.variants) longest = std::max(longest, variant.wall);
  return longest;
}

std::string comparison_table(const Comparison& comparison) {
  std::vector<Row> rows{
      {"", "at once", "seconds", "speed-up", "efficiency", "CPU seconds", "peak memory"}};
  for (const auto& variant : comparison.variants) rows.push_back(row_of(comparison, variant));
  std::array<std::size_t, column_count> width{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    text += fmt::format("{:<{}}", row[0], width[0]);
    for (std::size_t i = 1; i < row.size(); ++i) text += fmt::format("  {:>{}}", row[i], width[i]);
    text += '\n';
  }
  return text;
}

std::string comparison_chart(const Comparison& comparison, std::size_t width) {
  constexpr std::size_t least_cells = 10;
  constexpr std::size_t figure_width = 10;  // of readable_duration, with room around it
  const std::size_t name_width = longest_name(comparison);
  const std::size_t cells =
      std::max(least_cells, width - std::min(width, name_width + figure_width));
  const Duration longest = longest_wall(comparison);
  std::string text;
  for (const auto& variant : comparison.variants) {
    const double part = quotient(variant.wall, longest);
    const auto full =
        static_cast<std::size_t>(std::max(1L, std::lround(part * static_cast<double>(cells))));
    text += fmt::format("{:<{}}  {} {}\n", variant.name, name_width, std::string(full, '#'),
                        readable_duration(variant.wall));
  }
  return text;
}

}  // namespace taskrun
