// SPDX-License-Identifier: MIT
// How mpirun is asked for a run that outlives its ranks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taskrun/launch/rank_environment.hpp"

namespace taskrun {

/// Where the launcher of Open MPI 5 (PRRTE) keeps the folder of its session. That of Open MPI 4.1
/// is given by an option.
inline constexpr const char* prrte_session_folder_variable = "PRTE_MCA_prte_tmpdir_base";

/// What to start, and on what.
struct RankPlan {
  std::uint64_t rank_count = 0;  ///< 0: as many as there are slots
  std::string hostfile;          ///< empty: this host, or what a batch system allotted
  bool oversubscribed = false;   ///< more ranks than slots, or nobody knows
  bool other_hosts = false;      ///< the program may be missing there
  bool as_root = false;
  bool lacks_ssh = false;             ///< in PATH, and nothing else is set to start ranks elsewhere
  RankEnvironment ranks;              ///< what they are told
  bool little_room = false;           ///< in their shared folder
  std::vector<std::string> exported;  ///< more variables that ranks on other hosts need
};

/// The launcher with its options; the ranks' own command follows.
std::vector<std::string> mpirun_arguments(const RankPlan& plan,
                                          const std::vector<std::string>& rank_command);
/// NAME=value: what is set for the launcher.
std::vector<std::string> mpirun_environment(const RankPlan& plan);

/// Whether a shell would find it.
bool is_in_path(const std::string& program);

}  // namespace taskrun
