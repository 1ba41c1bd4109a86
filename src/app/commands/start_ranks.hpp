// SPDX-License-Identifier: MIT
// What a command that computes must know of who started it.
#pragma once

#include "app/cli/command_line.hpp"
#include "app/program_start.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {

/// Another process says why; this one ends with that code.
struct AlreadyTold {
  ExitCode code;
};

/// Each of several tasks that know nothing of each other would run everything,
/// and write over what the others write: throws Error (usage) in one of them,
/// AlreadyTold in the others.
void refuse_lone_task(const CommandLine& line);

/// For a command that starts mpirun: what mpirun starts must not start it
/// again. Likewise, among ranks.
void refuse_ranks(const CommandLine& line, const ProgramStart& start);

}  // namespace taskrun
