// SPDX-License-Identifier: MIT
// The processes that a process has started, and those have, as the kernel lists them.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskrun {

/// Parents before their children. Those that come meanwhile may be missing.
std::vector<pid_t> descendants_of(pid_t process);
/// Appends those that its threads have started.
void add_children(pid_t process, std::vector<pid_t>& all);

/// As the kernel names it: 'T' is stopped, 'Z' dead and not waited for; 0 where there is none.
char process_state(pid_t process);
/// As the kernel shows it, cut to 15 bytes; empty where there is none.
std::string process_name(pid_t process);

}  // namespace taskrun
