// SPDX-License-Identifier: MIT
// The ways in which `taskrun compare` runs a job, as command lines. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command_line.hpp"
#include "taskrun/job/job.hpp"

namespace taskrun {

struct Variant {
  std::string name;
  std::uint64_t rank_count = 0;        ///< under mpirun; 0: without it
  std::uint64_t at_once = 1;           ///< threads, ranks, or items that wait at the same time
  std::vector<std::string> arguments;  ///< of the program
};

struct Surroundings {
  std::uint32_t core_count = 1;
  std::string no_ranks;  ///< why no ranks can be started; empty where they can
};

/// The first one does one thing at a time. Throws Error (usage) where there is nothing to compare
/// it with.
std::vector<Variant> variants_of(const CommandLine& line, const Surroundings& here);

/// Options before the values without a name.
void add_options(std::vector<std::string>& arguments, const std::vector<std::string>& options);

/// Into how many chunks a dataset is to be cut, so that all variants have something to do at the
/// same time; nothing where the job, or the user, does so.
std::optional<std::uint64_t> chunks_for_all(const CommandLine& line, const DatasetSize& size,
                                            const std::vector<Variant>& variants);

/// The arguments of a look at the job's dataset, as the variants will have it.
std::vector<std::string> describing_arguments(const CommandLine& line);

/// Whether the job mostly waits, as far as its own options do not ask for an event loop.
bool waits(const CommandLine& line);

}  // namespace taskrun
