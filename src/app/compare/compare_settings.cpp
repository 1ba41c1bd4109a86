// SPDX-License-Identifier: MIT
#include "app/compare/compare_settings.hpp"

#include "app/cli/setting_params.hpp"

namespace taskrun {
namespace {

// Beyond these a number is a slip of the keyboard.
constexpr std::uint64_t most_repetitions = 1000;

}  // namespace

std::vector<Param> compare_params(CompareSettings& settings) {
  return {count_param("repeat", settings.repeat_count,
                      "run each way N times, in turn, and take medians", 1, most_repetitions),
          file_param("svg", settings.svg_path, "draw the bars as a picture in FILE")};
}

}  // namespace taskrun
