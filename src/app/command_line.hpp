// SPDX-License-Identifier: MIT
// From arguments to what is asked. Pure: prints nothing, looks at nothing but the arguments and the
// jobs, so that every rank of a run comes to the same end by itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/launch_settings.hpp"
#include "app/run_settings.hpp"
#include "taskrun/job/registry.hpp"

namespace taskrun {

struct CommandLine {
  enum class Command { run, launch, list, describe, help, version };

  Command command = Command::help;
  /// The job that is named, for run, launch, describe and help; null where none is.
  const Registry::Entry* entry = nullptr;
  std::unique_ptr<Job> job;  ///< with its parameters set and checked (for help: as declared)
  Params params;             ///< the job's
  RunSettings settings;
  LaunchSettings launch;  ///< for launch
  /// For launch: the arguments of each rank, which are all but those of launch itself.
  std::vector<std::string> rank_arguments;
};

/// Throws Error (usage). On the heap: options refer to the settings inside.
std::unique_ptr<CommandLine> parse_command_line(const std::vector<std::string>& arguments,
                                                const Registry& jobs);

}  // namespace taskrun
