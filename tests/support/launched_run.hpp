// SPDX-License-Identifier: MIT
// A run under `taskrun launch` whose processes can be found, and killed, while it goes on. Leaves
// none behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scratch_folder.hpp"
#include "subprocess.hpp"

namespace taskrun::testing {

/// A process of a run.
struct RunProcess {
  pid_t id = 0;
  std::string name;  ///< of its program
  std::optional<int> rank;
  char state = 'R';  ///< as the kernel names it: T is stopped
};

class LaunchedRun {
 public:
  /// Starts it. Ranks are told apart by their launcher's variables.
  explicit LaunchedRun(const Command& command);
  /// Kills what is left of it.
  ~LaunchedRun();
  LaunchedRun(const LaunchedRun&) = delete;
  LaunchedRun& operator=(const LaunchedRun&) = delete;

  pid_t supervisor() const { return supervisor_; }
  /// All that live, however they are related; zombies do not.
  std::vector<RunProcess> processes() const;
  /// The process; throws where there is none within the deadline.
  pid_t rank(int number) const;
  /// Of an isolated run: the process that the rank's helpers are forked from. Rank 0 is also the
  /// one of a run without ranks.
  pid_t zygote(int rank) const;
  pid_t launcher() const;
  /// Where its ranks share memory.
  std::string shared_folder() const;
  /// Until so many of its processes are stopped; false where they do not within the deadline.
  bool wait_for_stopped(std::size_t count) const;

  /// Waits for the program's end, until its deadline; what it wrote is in the answer.
  Ended wait();
  /// How many of its processes outlived it: gives those that are dying a moment.
  std::size_t leftover_count() const;

 private:
  using Wanted = std::function<bool(const RunProcess&)>;
  pid_t await(const std::string& name, const Wanted& wanted) const;

  std::string tag_;
  ScratchFolder folder_;  // stdout and stderr go to files, so that nobody has to read them
  std::chrono::steady_clock::time_point deadline_;
  pid_t supervisor_ = -1;
  bool ended_ = false;
};

/// Waits until the file has so many lines; false when that takes longer than a minute.
bool wait_for_lines(const std::string& path, std::size_t count);

}  // namespace taskrun::testing
