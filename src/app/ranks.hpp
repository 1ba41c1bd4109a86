// SPDX-License-Identifier: MIT
// What the program does with MPI: with_mpi.cpp or without_mpi.cpp, as it was built.
#pragma once

#include <memory>
#include <string>

#include "app/cli/command_line.hpp"
#include "app/standard_streams.hpp"
#include "app/supervision.hpp"
#include "taskrun/exec/zygote.hpp"
#include "taskrun/net/launched_rank.hpp"

namespace taskrun {

/// Of the library and its version, for people.
std::string mpi_version();
/// Why this program cannot run on ranks; empty where it can.
std::string why_no_ranks();

/// The part of a rank that a launcher started in a run; its exit code.
int run_launched(CommandLine& line, std::unique_ptr<Zygote>& zygote, const LaunchedRank& launched,
                 const StandardStreams& streams, const Supervision& supervision);

}  // namespace taskrun
