// SPDX-License-Identifier: MIT
// A process and its descendants, looked at from outside now and then while they run: what the
// kernel does not tell of them at their end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string_view>

#include "taskrun/core/time.hpp"

namespace taskrun {

class ProcessTree {
 public:
  explicit ProcessTree(pid_t root) : root_(root) {}

  /// Takes note of what the processes have used so far.
  void look();

  /// The most memory that those had which were there at the same time, each at its own peak.
  std::uint64_t peak_memory_bytes() const { return peak_memory_bytes_; }
  /// For how long threads were ready to run while other threads had the processors. What happened
  /// after the last look is not in it.
  Duration queued_time() const;

 private:
  std::uint64_t look_at(pid_t process);

  const pid_t root_;
  std::uint64_t peak_memory_bytes_ = 0;
  std::map<pid_t, Duration> queued_;  // of each thread
};

/// The peak that the text of /proc/PID/status tells; 0 where it tells none.
std::uint64_t peak_memory_in(std::string_view status);

}  // namespace taskrun
