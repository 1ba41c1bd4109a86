// SPDX-License-Identifier: MIT
// Which words of a command line are the command, the job's name, and what is no option whatever it
// looks like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command_line.hpp"

namespace taskrun {

/// Not so a lone dash, which is standard input, nor -5.
bool is_option(std::string_view argument);
/// As `--name` or `-n`.
bool is_spelled(const Param& param, std::string_view argument);

/// Whether the job takes all that follows its options, as those that run commands do.
bool takes_rest(const Params& params);

/// Cuts off what follows a lone "--", or begins the rest of a job that takes one.
std::vector<std::string> take_plain(std::vector<std::string>& arguments, const Registry& jobs);

/// Takes the command, if there is one, and the name of the job or the journal out of the arguments.
void find_command_and_job(std::vector<std::string>& arguments, const Registry& jobs,
                          CommandLine& line);

}  // namespace taskrun
