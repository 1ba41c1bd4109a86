// SPDX-License-Identifier: MIT
#include "app/commands/start_ranks.hpp"

#include <string>

namespace taskrun {

void refuse_lone_task(const CommandLine& line) {
  const auto task = lone_task();
  if (!task) return;
  if (task->number != 0) throw AlreadyTold{ExitCode::usage};
  const std::string times =
      task->count == 0 ? "as a task" : std::to_string(task->count) + " times, as tasks";
  throw usage_error(task->launcher + " started this program " + times +
                    " that know nothing of each other: each would run everything; " + task->remedy +
                    " (if that is what you want: env -u " + task->variable + " " + line.program +
                    " …)");
}

void refuse_ranks(const CommandLine& line, const ProgramStart& start) {
  if (!start.launched) return;
  // A launcher kills the whole run at the first rank that does not end well.
  if (!start.is_first_rank()) throw AlreadyTold{ExitCode::complete};
  const std::string name(line.command->name);
  throw usage_error(name + " starts mpirun itself; start it without mpirun, or leave '" + name +
                    "' out");
}

}  // namespace taskrun
