// SPDX-License-Identifier: MIT
// What the program's commands are called, take and do: one row each, from which the command line is
// read and the help is written.
#pragma once

#include <span>
#include <string_view>

#include "app/cli/command_line.hpp"

namespace taskrun {

struct CommandInfo {
  struct Example {
    std::string_view arguments;  ///< behind the program's name
    std::string_view what;
  };

  CommandLine::Command command;
  std::string_view name;
  std::string_view arguments;  ///< behind the name, in the usage
  std::string_view help;       ///< one line, starting with a verb
  std::string_view more;       ///< whole lines that say what one line cannot; may be empty
  std::span<const Example> examples;
  bool takes_journal = false;      ///< the name of a journal follows, not that of a job
  bool takes_run_options = false;  ///< all of them
};

/// In the order of the help.
std::span<const CommandInfo> all_commands();

/// Null where there is none.
const CommandInfo* command_named(std::string_view name);
/// Of `run`, which has no name: null.
const CommandInfo* info_of(CommandLine::Command command);

}  // namespace taskrun
