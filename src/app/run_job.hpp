// SPDX-License-Identifier: MIT
// A job on this rank, to the end of the run.
#pragma once

#include <memory>

#include "app/cli/command_line.hpp"
#include "app/program_start.hpp"
#include "app/rank_run.hpp"

namespace taskrun {

/// Returns the rank's exit code. On rank 0 throws Error for a run that cannot be completed. Ends
/// the process itself where the job's code cannot be left behind (see Rank::slots_stuck).
int run_job(CommandLine& line, const ProgramStart& start);

/// Likewise, without other ranks.
int run_here(CommandLine& line, std::unique_ptr<Zygote>& zygote, const StandardStreams& streams);

/// Tells what went wrong, if something did; the exit code, which is the ending's then.
int tell(Ending& ending, const CommandLine& line);

}  // namespace taskrun
