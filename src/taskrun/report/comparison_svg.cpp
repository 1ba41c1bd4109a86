// SPDX-License-Identifier: MIT
// The bars of a comparison as a picture, and its figures as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "taskrun/report/comparison.hpp"
#include "taskrun/report/text.hpp"

namespace taskrun {
namespace {

using nlohmann::json;

// All in pixels, as a browser shows it unscaled.
constexpr double picture_width = 720;
constexpr double name_width = 130;
constexpr double figure_width = 190;
constexpr double head_height = 48;
constexpr double row_height = 34;
constexpr double bar_height = 22;
constexpr double foot_height = 16;

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else {
      safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return safe;
}

std::string text_at(double x, double y, std::string_view style, std::string_view text) {
  return fmt::format("  <text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, style, escaped(text));
}

std::string bar_of(const Comparison& c, const VariantFigures& variant, Duration longest,
                   double top) {
  constexpr double space = picture_width - name_width - figure_width;
  const double part = longest > Duration::zero() ? seconds(variant.wall) / seconds(longest) : 0;
  const double length = std::max(1.0, space * part);
  const double line = top + 16;  // where letters stand
  return text_at(name_width - 10, line, " text-anchor=\"end\"", variant.name) +
         fmt::format(
             "  <rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
             "fill=\"#3b76af\"/>\n",
             name_width, top, length, bar_height) +
         text_at(
             name_width + length + 8, line, "",
             fmt::format("{}, {:.2f} x", readable_duration(variant.wall), speed_up(c, variant)));
}

json variant_json(const Comparison& c, const VariantFigures& variant) {
  json walls = json::array();
  for (const Duration wall : variant.walls) walls.push_back(seconds(wall));
  return {{"name", variant.name},
          {"command", variant.command},
          {"at_once", variant.at_once},
          {"wall_seconds", seconds(variant.wall)},
          {"run_seconds", seconds(variant.run)},
          {"processor_seconds", seconds(variant.processor)},
          {"queued_seconds", seconds(variant.queued)},
          {"peak_memory_bytes", variant.peak_memory_bytes},
          {"speed_up_ratio", speed_up(c, variant)},
          {"efficiency_ratio", efficiency(c, variant)},
          {"repeated_wall_seconds", std::move(walls)}};
}

}  // namespace

std::string comparison_svg(const Comparison& c) {
  const double height =
      head_height + row_height * static_cast<double>(c.variants.size()) + foot_height;
  std::string picture = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" font-family=\"sans-serif\" font-size=\"14\">\n"
      "  <title>{2}</title>\n"
      "  <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
      picture_width, height, escaped(c.job));
  picture +=
      text_at(12, 28, " font-size=\"17\"",
              fmt::format("{}, {} core{}", c.job, c.core_count, c.core_count == 1 ? "" : "s"));
  double top = head_height;
  for (const auto& variant : c.variants) {
    picture += bar_of(c, variant, longest_wall(c), top);
    top += row_height;
  }
  return picture + "</svg>\n";
}

json comparison_json(const Comparison& c) {
  json variants = json::array();
  for (const auto& variant : c.variants) variants.push_back(variant_json(c, variant));
  json left_out = json::array();
  for (const auto& [name, why] : c.left_out) left_out.push_back({{"name", name}, {"why", why}});
  return {{"job", c.job},
          {"core_count", c.core_count},
          {"chunk_count", c.chunk_count},
          {"repeat_count", c.repeat_count},
          {"io_bound", c.io_bound},
          {"results_equal", true},
          {"variants", std::move(variants)},
          {"left_out", std::move(left_out)},
          {"conclusion", comparison_sentence(c)}};
}

}  // namespace taskrun
