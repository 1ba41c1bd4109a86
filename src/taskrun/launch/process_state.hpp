// SPDX-License-Identifier: MIT
// Why a process of this host does not get on, as far as the kernel tells.
#pragma once

#include <sys/types.h>

#include <string>

namespace taskrun {

struct ProcessState {
  std::string why;      ///< a half sentence about it; empty where nothing holds it
  bool traced = false;  ///< somebody looks at it with a debugger
};

ProcessState state_of_process(pid_t process);

}  // namespace taskrun
