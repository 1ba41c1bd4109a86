// SPDX-License-Identifier: MIT
// What a command has started and not waited for: in a process that inherits orphans
// (PR_SET_CHILD_SUBREAPER), of which one thread alone runs commands.
#pragma once

#include <sys/types.h>

#include <set>

namespace taskrun {

bool inherits_orphans();

/// Kills all children of this thread, and theirs.
void end_orphans();

/// The processes that are left of a command when its own, the leader, has ended, while they have
/// time to end.
class Orphans {
 public:
  /// The leader has not been waited for; its process group has been asked to end.
  explicit Orphans(pid_t leader) : leader_(leader) {}
  /// Asks those in other groups to end, each once.
  bool any_left();

 private:
  const pid_t leader_;
  std::set<pid_t> asked_;
};

}  // namespace taskrun
