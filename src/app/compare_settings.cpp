// SPDX-License-Identifier: MIT
#include "app/compare_settings.hpp"

#include <algorithm>
#include <array>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

// Beyond these a number is a slip of the keyboard.
constexpr std::uint64_t most_repetitions = 1000;

Param svg_param(CompareSettings& settings) {
  return {"svg",
          "draw the bars as a picture in FILE",
          "FILE",
          "",
          "",
          [&settings](std::string_view text) {
            if (text.empty()) throw usage_error("--svg needs the name of a file");
            settings.svg_path = text;
          },
          [&settings] { return settings.svg_path; }};
}

}  // namespace

std::vector<Param> compare_params(CompareSettings& settings) {
  Params plain;
  plain.count("repeat", settings.repeat_count, "run each way N times, in turn, and take medians", 1,
              most_repetitions);
  return {plain.all().front(), svg_param(settings)};
}

bool is_refused_by_compare(const std::string& option_name) {
  constexpr std::array refused{"journal", "resume", "hash-inputs", "walltime", "only-chunk"};
  return std::find(refused.begin(), refused.end(), option_name) != refused.end();
}

}  // namespace taskrun
