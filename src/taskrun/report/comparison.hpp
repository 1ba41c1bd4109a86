// SPDX-License-Identifier: MIT
// One job run in several ways on the same input, and what that shows: a table, bars, a sentence, a
// chart, JSON. Pure; who runs them is app/.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// One way to run the job, and what it took: medians, where it was repeated.
struct VariantFigures {
  std::string name;
  std::string command;        ///< what a user would type
  std::uint64_t at_once = 1;  ///< threads, ranks, or items that wait at the same time
  Duration wall{};            ///< from the start of the process to its end
  Duration run{};             ///< of these, from the first lease to the last commit
  Duration processor{};       ///< of all its processes
  Duration queued{};  ///< ready to run, while other programs, or its own threads, had the cores
  std::uint64_t peak_memory_bytes = 0;  ///< of all its processes together
  std::vector<Duration> walls;          ///< of each repetition
};

/// A way that could not be gone here.
struct LeftOut {
  std::string name;
  std::string why;
};

struct Comparison {
  std::string job;
  std::uint64_t core_count = 1;
  std::uint64_t chunk_count = 0;
  std::uint64_t repeat_count = 1;
  bool io_bound = false;  ///< as the job says of itself
  /// Two at least; the first one does one thing at a time.
  std::vector<VariantFigures> variants;
  std::vector<LeftOut> left_out;
};

/// How much faster than the first.
double speed_up(const Comparison& comparison, const VariantFigures& variant);
/// That, as a part of what could be done at once.
double efficiency(const Comparison& comparison, const VariantFigures& variant);
/// The part of its wall time for which a variant computed, or would have, had it had a core: above
/// 1 for several.
double load_of(const VariantFigures& variant);

/// Of the variant that took longest.
Duration longest_wall(const Comparison& comparison);

/// A row for each variant, below a head.
std::string comparison_table(const Comparison& comparison);
/// A bar for each variant, as long as it took; at most `width` columns.
std::string comparison_chart(const Comparison& comparison, std::size_t width);
/// Which one won, and why, in one sentence.
std::string comparison_sentence(const Comparison& comparison);
/// The chart as a picture.
std::string comparison_svg(const Comparison& comparison);
nlohmann::json comparison_json(const Comparison& comparison);

}  // namespace taskrun
