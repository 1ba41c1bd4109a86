// SPDX-License-Identifier: MIT
// What a supervisor tells its ranks when it starts them: environment variables, which launchers
// carry to every host. What comes later goes over the lifeline.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace taskrun {

struct RankEnvironment {
  std::string lifeline;       ///< names the line to the supervisor; empty: there is none
  std::string secret;         ///< of this run: no word of another counts
  std::string shared_folder;  ///< for shared memory of the ranks on the supervisor's host
  std::uint64_t restart = 0;  ///< how often the run was started before
  /// Each chunk is computed in a process of its own, whatever the command line says.
  bool isolate = false;
  /// Others have read from a stdin that cannot be read twice.
  bool input_lost = false;
  /// Stdin comes by the lifeline alone: what the launcher passes on is empty.
  bool input_apart = false;
  std::string chaos;  ///< faults on demand, as --chaos has them; empty: none
  /// When the run must have ended, however often it is started again.
  std::optional<std::chrono::system_clock::time_point> end_time;
  /// After how long a silent worker is lost, as a duration is written: for tests, which cannot wait
  /// for long. Empty: as the engine has it.
  std::string lost_after;

  bool operator==(const RankEnvironment&) const = default;
};

using Variables = std::vector<std::pair<std::string, std::string>>;

/// Name and value of each variable that is to be set.
Variables to_environment(const RankEnvironment& told);
/// The value of a variable, null where it is not set. What makes no sense counts as not set.
RankEnvironment from_environment(const std::function<const char*(const char* name)>& variable);

/// What this process was told.
RankEnvironment rank_environment();
/// Takes out of this process' environment what no program that it starts may have: those are no
/// ranks of the run. The secret is gone from what others can read of it as well. Call before there
/// are threads.
void hide_rank_environment();

/// For scripts that run in a rank's place.
inline constexpr const char* lifeline_variable = "TASKRUN_LIFELINE";
inline constexpr const char* secret_variable = "TASKRUN_RUN_SECRET";

}  // namespace taskrun
