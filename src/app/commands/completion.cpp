// SPDX-License-Identifier: MIT
#include "app/cli/command_line.hpp"
#include "app/commands/completion_text.hpp"
#include "app/commands/print.hpp"

namespace taskrun {
namespace {

class CompletionAction final : public Action {
 public:
  int run(CommandLine& line, ProgramStart& start) override {
    return print(start, [&] {
      const auto tables = completion_tables(start.program, *line.commands, *line.jobs);
      return line.word == "bash"  ? bash_completion(tables)
             : line.word == "zsh" ? zsh_completion(tables)
                                  : fish_completion(tables);
    });
  }
};

}  // namespace

Command command_completion() {
  return {.name = "completion",
          .arguments = "bash|zsh|fish",
          .help = "write a script that lets a shell complete commands, jobs and options",
          .more =
              "bash reads it with:  source <(taskrun completion bash)\n"
              "zsh reads it with:   source <(taskrun completion zsh), behind compinit\n"
              "fish reads it with:  taskrun completion fish | source\n",
          .examples = {{"completion bash", "what bash reads"},
                       {"completion zsh", "what zsh reads"},
                       {"completion fish", "what fish reads"}},
          .takes = Command::Takes::word,
          .words = {"bash", "zsh", "fish"},
          .make = make_action<CompletionAction>};
}

}  // namespace taskrun
