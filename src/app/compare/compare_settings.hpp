// SPDX-License-Identifier: MIT
// What `taskrun compare` takes besides the run options.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taskrun/job/params.hpp"

namespace taskrun {

struct CompareSettings {
  std::uint64_t repeat_count = 1;
  std::string svg_path;  ///< empty: no picture
};

/// The settings as options, in the order of the help; `settings` outlives them.
std::vector<Param> compare_params(CompareSettings& settings);

}  // namespace taskrun
