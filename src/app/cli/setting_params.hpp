// SPDX-License-Identifier: MIT
// The kinds of option that the program's own settings have in common, one Param each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taskrun/core/time.hpp"
#include "taskrun/job/params.hpp"

namespace taskrun {

/// As the functions of Params; the member outlives what is returned.
Param flag_param(std::string name, bool& member, std::string help);
Param count_param(std::string name, std::uint64_t& member, std::string help, std::uint64_t min,
                  std::uint64_t max);
Param duration_param(std::string name, Duration& member, std::string help);

/// The name of a file; `otherwise` is said of an empty one, besides that it must not be.
Param file_param(std::string name, std::string& member, std::string help,
                 const std::string& otherwise = "");

Param with_letter(char letter, Param param);
/// "bash, zsh or fish".
std::string either(const std::vector<std::string>& words);
/// For the help: what holds where it is not given.
Param with_default(std::string text, Param param);

}  // namespace taskrun
