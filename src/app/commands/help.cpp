// SPDX-License-Identifier: MIT
#include "app/cli/command_line.hpp"
#include "app/cli/setting_params.hpp"
#include "app/commands/help_text.hpp"
#include "app/commands/man_page.hpp"
#include "app/commands/print.hpp"

namespace taskrun {
namespace {

class HelpAction final : public Action {
 public:
  std::vector<Param> options() override {
    return {flag_param("man", man_, "write the manual page, for man -l")};
  }

  int run(CommandLine& line, ProgramStart& start) override {
    return print(start, [&] {
      return man_ ? man_page(start.program, *line.commands, *line.jobs) : page(line, start.program);
    });
  }

 private:
  static std::string page(const CommandLine& line, const std::string& program) {
    const Command* const topic = line.topic;
    if (line.entry != nullptr) {
      // Of a command that runs no job: those of the job alone.
      const bool runs = topic != nullptr && topic->run_options == Command::RunOptions::listed;
      return job_help_text(program, *line.entry, line.params, runs ? *topic : line.commands->run);
    }
    return topic == nullptr ? help_text(program, *line.commands, *line.jobs)
                            : command_help_text(program, *topic);
  }

  bool man_ = false;
};

}  // namespace

Command command_help() {
  return {.name = "help",
          .arguments = "[JOB or COMMAND] [--man]",
          .help = "show how to use the program, a job or a command",
          .examples = {{"help sieve", "options and examples of a job"},
                       {"help compare", "options and examples of a command"},
                       {"help --man | man -l -", "the manual page"}},
          .takes = Command::Takes::topic,
          .run_options = Command::RunOptions::allowed,
          .make = make_action<HelpAction>};
}

}  // namespace taskrun
