// SPDX-License-Identifier: MIT
// Processes that stand still together, and go on together.
#pragma once

#include <sys/types.h>

#include <vector>

namespace taskrun {

class Standstill {
 public:
  /// All that the process has started, and those have; itself not. Again and again: what they start
  /// meanwhile is stopped as well.
  void stop_descendants(pid_t process);
  /// Those that were stopped here.
  void go_on();

 private:
  std::vector<pid_t> stopped_;
};

}  // namespace taskrun
