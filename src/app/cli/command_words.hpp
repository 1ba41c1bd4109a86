// SPDX-License-Identifier: MIT
// Which words of a command line are the command, the job's name, and what is no option whatever it
// looks like.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command_line.hpp"

namespace taskrun {

/// Run options and those of commands that run a job: their names and what they
/// look like. They set nothing.
std::vector<Param> options_of_any_run(const Commands& commands);

/// Cuts off what follows a lone "--", or begins the rest of a job that takes one.
std::vector<std::string> take_plain(std::vector<std::string>& arguments, const CommandLine& line);

/// Takes the command, if there is one, and the name of the job or the journal out of the arguments.
void find_command_and_job(std::vector<std::string>& arguments, CommandLine& line);

}  // namespace taskrun
