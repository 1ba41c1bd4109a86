// SPDX-License-Identifier: MIT
// From arguments to what is asked. Pure: prints nothing, looks at nothing but the arguments and the
// jobs, so that every rank of a run comes to the same end by itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/cli/command.hpp"
#include "app/cli/run_settings.hpp"
#include "taskrun/job/registry.hpp"
#include "taskrun/protocol/job_spec.hpp"

namespace taskrun {

struct CommandLine {
  /// An option, or a job's value without a name, and the text it was given.
  struct Given {
    std::string name;
    std::string text;
  };

  const Commands* commands = nullptr;
  const Command* command = nullptr;
  std::unique_ptr<Action> action;  ///< the command's, with its own options set
  /// The command, or for help that which is asked about; null for run, and
  /// where help is asked about the program or a job alone.
  const Command* topic = nullptr;
  /// The job that is named, for run, launch, compare, describe and help; null where none is.
  const Registry::Entry* entry = nullptr;
  std::unique_ptr<Job> job;  ///< with its parameters set and checked (for help: as declared)
  Params params;             ///< the job's
  RunSettings settings;
  /// All but the names of command and job, and what follows two dashes or
  /// begins the words of a job that takes all that follows its options.
  std::vector<std::string> arguments;
  std::vector<std::string> plain;  ///< that
  /// Of the command, the job and the run. What is given several times is in its
  /// order; apart from that it is that of the options' help, not of the line.
  std::vector<Given> given;
  std::vector<Given> taken_up;  ///< likewise, from the journal of a run that is resumed
  std::string program;          ///< as it was called, for commands that are proposed
  std::string word;             ///< for a command that takes one of some words
  std::string file;             ///< the journal, for resume (also under launch), status and log
  const Registry* jobs = nullptr;

  /// Of a run that is resumed, until its journal was read.
  bool job_is_unknown() const { return job == nullptr; }
};

/// What `resume` cannot know before it has seen the journal: makes the line one for a run of this
/// job, with what the journal says was given, and after it what the line was given. Throws Error
/// (usage).
void take_up(CommandLine& line, const JobSpec& recorded);

/// `program` is what it was called as. Throws Error (usage). On the heap: options refer to the
/// settings inside.
std::unique_ptr<CommandLine> parse_command_line(const std::vector<std::string>& arguments,
                                                const Commands& commands, const Registry& jobs,
                                                const std::string& program = "taskrun");

}  // namespace taskrun
