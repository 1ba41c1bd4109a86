// SPDX-License-Identifier: MIT
// What a rank has to compute with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/cli/run_settings.hpp"
#include "taskrun/exec/zygote.hpp"
#include "taskrun/job/job.hpp"
#include "taskrun/net/launched_rank.hpp"

namespace taskrun {

struct Machine {
  std::uint32_t slots = 1;        ///< of this rank
  std::uint32_t local_ranks = 1;  ///< on this host, this one included
  Zygote* zygote = nullptr;       ///< where chunks are computed in processes of their own
  /// Nobody knows beforehand how much its chunks compute; and they are not bound as the rank is.
  bool runs_commands = false;
  // Both 0 where slots wait more than they compute, and cores do not matter:
  std::uint32_t own_cores = 1;   ///< that this rank may use
  std::uint32_t host_cores = 1;  ///< that all ranks on this host may use together
};

Machine find_machine(const Job& job, const RunSettings& settings,
                     const std::optional<LaunchedRank>& launched);

/// Takes as many slots as there are descriptors for; what it says of that is a warning.
std::optional<std::string> fit_to_descriptors(Machine& machine, const Job& job, bool launched);

/// A warning where slots have to take turns on cores.
std::optional<std::string> crowding(const Machine& machine);

}  // namespace taskrun
