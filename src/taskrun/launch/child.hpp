// SPDX-License-Identifier: MIT
// A process of ours that the kernel kills when we die, in a process group of its own.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "taskrun/core/descriptor.hpp"

namespace taskrun {

struct ChildCommand {
  std::vector<std::string> arguments;    ///< the program first, looked for in PATH
  std::vector<std::string> environment;  ///< NAME=value, added to ours
};

/// Made and used by one thread, which must live as long as the child is to.
class Child {
 public:
  /// Throws Error (environment) where it cannot be started.
  explicit Child(const ChildCommand& command);
  /// Kills what is left of the group.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t process() const { return process_; }
  /// Readable when the process has ended.
  int ended_fd() const { return handle_.fd(); }
  /// What it writes to stderr. Does not block.
  int err_fd() const { return err_.fd(); }

  /// SIGKILL goes to its whole group. Also wakes it up, if it was stopped.
  void signal(int number) const;
  /// Its wait status once it has ended. Does not wait.
  std::optional<int> reap();

 private:
  pid_t process_ = -1;
  Descriptor handle_;
  Descriptor err_;
  std::optional<int> status_;
};

/// From now on the processes whose parents die become our children, to be ended by end_children().
void adopt_orphans();
/// Kills all children and their children, and waits for their ends, but not for ever.
void end_children();

}  // namespace taskrun
