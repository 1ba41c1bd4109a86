// SPDX-License-Identifier: MIT
// Why a process of this host does not get on, as far as the kernel tells.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskrun {

struct ProcessState {
  std::string why;      ///< a half sentence about it; empty where nothing holds it
  bool traced = false;  ///< somebody looks at it with a debugger
};

ProcessState state_of_process(pid_t process);

/// The words that each child of the process was started with.
std::vector<std::vector<std::string>> commands_of_children(pid_t process);

}  // namespace taskrun
