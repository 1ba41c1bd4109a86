// SPDX-License-Identifier: MIT
#include "app/commands/commands.hpp"

namespace taskrun {

// TASKRUN_COMMANDS is COMMAND(launch) COMMAND(compare) …, from the list in
// CMakeLists.txt.
#define COMMAND(name) Command command_##name();
TASKRUN_COMMANDS
#undef COMMAND
Command command_run();

const Commands& all_commands() {
#define COMMAND(name) command_##name(),
  static const Commands commands{{TASKRUN_COMMANDS}, command_run()};
#undef COMMAND
  return commands;
}

}  // namespace taskrun
