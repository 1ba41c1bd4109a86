// SPDX-License-Identifier: MIT
// What a command of the program is: a row of a table, from which the command
// line is read, the help, the man page and the completions are written, and
// which is run.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/job/params.hpp"

namespace taskrun {

struct CommandLine;
struct ProgramStart;

/// One use of a command.
class Action {
 public:
  virtual ~Action() = default;
  /// The command's own options, in the order of the help. They refer to the
  /// action.
  virtual std::vector<Param> options() { return {}; }
  /// The exit code. Throws Error. `line` has been read and checked.
  virtual int run(CommandLine& line, ProgramStart& start) = 0;
};

template <class A>
std::unique_ptr<Action> make_action() {
  return std::make_unique<A>();
}

struct Command {
  struct Example {
    std::string arguments;  ///< behind the program's name
    std::string what;
  };
  /// What stands behind the name, besides options.
  enum class Takes {
    nothing,
    job,
    journal,
    job_or_journal,  ///< JOB, or `resume JOURNAL`
    topic,           ///< the name of a job or a command, or none
    word,            ///< one of `words`
  };
  enum class RunOptions {
    refused,
    allowed,
    listed,  ///< they are, and the help lists them
  };

  std::string_view name;
  std::string_view arguments = {};  ///< behind the name, in the usage; a line for each form
  std::string_view help = {};       ///< one line, starting with a verb
  std::string_view more = {};       ///< whole lines that say what one line cannot; may be empty
  std::vector<Example> examples = {};
  Takes takes = Takes::nothing;
  std::vector<std::string> words = {};
  RunOptions run_options = RunOptions::refused;
  /// Of those, the ones that it does not take, and why: "compare, whose runs
  /// are …".
  std::vector<std::string_view> refused_options = {};
  std::string_view why_refused = {};
  /// What a job writes goes to stdout.
  bool writes_result = true;
  std::unique_ptr<Action> (*make)() = nullptr;

  bool takes_journal() const { return takes == Takes::journal; }
  bool takes_job() const { return takes == Takes::job || takes == Takes::job_or_journal; }
  /// Whether it is one of those that it does not take.
  bool refuses_option(std::string_view option_name) const;
  /// Whether this is one of its run options.
  bool takes_run_option(std::string_view option_name) const;
};

/// The commands of a program.
struct Commands {
  std::vector<Command> named;  ///< in the order of the help
  Command run;                 ///< what is done where no command is named

  /// Null where there is none of that name.
  const Command* find(std::string_view name) const;
  /// Of a name that is there.
  const Command& at(std::string_view name) const;
};

}  // namespace taskrun
