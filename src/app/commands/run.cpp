// SPDX-License-Identifier: MIT
#include "app/commands/start_ranks.hpp"
#include "app/run_job.hpp"

namespace taskrun {
namespace {

class RunAction final : public Action {
 public:
  int run(CommandLine& line, ProgramStart& start) override {
    refuse_lone_task(line);
    return run_job(line, start);
  }
};

}  // namespace

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
