// SPDX-License-Identifier: MIT
#include "app/commands/run_action.hpp"

namespace taskrun {

// Has no name: `taskrun JOB`.
Command command_run() {
  return {.name = "",
          .arguments = "[run options] JOB [job options]",
          .help = "run a job",
          .takes = Command::Takes::job,
          .run_options = Command::RunOptions::listed,
          .make = make_action<RunAction>};
}

}  // namespace taskrun
