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

/// Which of the hosts a launcher's children still try to reach, such as "host a, b": it starts an
/// ssh for each host, which ends when the host's daemon runs. Empty where there is none.
std::string hosts_being_reached(pid_t launcher, const std::vector<std::string>& hosts);

}  // namespace taskrun
