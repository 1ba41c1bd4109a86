// SPDX-License-Identifier: MIT
// What `taskrun launch` takes besides the run options: how the ranks are started.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "taskrun/core/time.hpp"
#include "taskrun/job/params.hpp"

namespace taskrun {

struct LaunchSettings {
  std::uint64_t rank_count = 0;  ///< 0: one for each slot of the hosts
  std::string hostfile;          ///< empty: this host, or what a batch system allotted
  std::uint64_t restarts = 100;
  std::string chaos;  ///< faults on demand (chaos_hand.hpp); empty: none
  Duration start_deadline = std::chrono::seconds(60);
};

/// The settings as options, in the order of the help; `settings` outlives them. `ranks` has the
/// short name -n.
std::vector<Param> launch_params(LaunchSettings& settings);

}  // namespace taskrun
