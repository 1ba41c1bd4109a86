// SPDX-License-Identifier: MIT
// A process of ours that the kernel kills when we die, in a process group of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/core/time.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun {

struct ChildCommand {
  std::vector<std::string> arguments;    ///< the program first, looked for in PATH
  std::vector<std::string> environment;  ///< NAME=value, added to ours
  int in = 0;                            ///< what becomes its stdin; the caller's, as is out
  int out = 1;
  /// What it needs, where the user's soft limit (ulimit -Sn) is less.
  std::uint64_t least_descriptors = 0;
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
  /// Passes Ctrl-Z on (which stops it only if it does not handle that), and lets it go on.
  void suspend() const;
  void go_on() const;
  /// Its wait status once it has ended. Does not wait.
  std::optional<int> reap();
  /// Once it was reaped: its time on processors, and that of those that it waited for.
  Duration processor_time() const { return processor_time_; }
  /// Likewise: the peak of whichever of them was the largest.
  std::uint64_t largest_bytes() const { return largest_bytes_; }

 private:
  pid_t process_ = -1;
  Descriptor handle_;
  Descriptor err_;
  std::optional<int> status_;
  Duration processor_time_{};
  std::uint64_t largest_bytes_ = 0;
};

/// From now on the processes whose parents die become our children, to be ended by end_children().
void adopt_orphans();
/// Kills all children and their children, and waits for their ends, but not for ever.
void end_children();

}  // namespace taskrun
