// SPDX-License-Identifier: MIT
// What a command line was given, as it may be kept and shown: with *** in place of secrets, unless
// those are kept.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command_line.hpp"

namespace taskrun {

/// Words of one name, such as those of a command, belong together.
std::vector<CommandLine::Given> shown_given(const std::vector<CommandLine::Given>& given,
                                            Secrets secrets);
/// The value of a parameter, which may be a list.
std::string shown_value(const Param& param, const std::string& value, Secrets secrets);
/// Whether something of the line is masked.
bool has_masked(const CommandLine& line);

}  // namespace taskrun
