// SPDX-License-Identifier: MIT
// Which arguments are options, and what they are given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "taskrun/job/params.hpp"

namespace taskrun {

/// Not so a lone dash, which is standard input, nor -5.
bool is_option(std::string_view argument);
/// As `--name` or `-n`.
bool is_spelled(const Param& param, std::string_view argument);
/// All spellings: "--name", "-n"; none of arguments.
std::vector<std::string> spellings(const std::vector<Param>& params);

struct SplitArguments {
  /// What each of the params is given, in their order; of a flag an empty text
  /// each time.
  std::vector<std::vector<std::string>> values;
  std::vector<std::string> rest;  ///< what belongs to none, in its order
};

/// Takes `--name value`, `--name=value`, `-n value`, `-nvalue`, and flags
/// behind one dash: `-qv`. A value may look like anything. Throws Error (usage)
/// for a value that is missing or too many.
SplitArguments split_arguments(const std::vector<std::string>& arguments,
                               const std::vector<Param>& params);

}  // namespace taskrun
