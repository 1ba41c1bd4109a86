// SPDX-License-Identifier: MIT
#include "app/cli/command_line.hpp"
#include "app/commands/help_text.hpp"
#include "app/commands/print.hpp"

namespace taskrun {
namespace {

class ListAction final : public Action {
 public:
  int run(CommandLine& line, ProgramStart& start) override {
    return print(start, [&] { return jobs_text(*line.jobs); });
  }
};

}  // namespace

Command command_list() {
  return {.name = "list",
          .help = "list the jobs",
          .examples = {{"list", "a line for each job"}},
          .run_options = Command::RunOptions::allowed,
          .make = make_action<ListAction>};
}

}  // namespace taskrun
