// SPDX-License-Identifier: MIT
// Descriptors of processes: never another process of the same number. (The header of glibc 2.36 for
// these cannot be linked from C++.)
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// Readable when the process is dead; -1 inside, and errno, where there is none.
inline Descriptor process_descriptor(pid_t process) {
  return Descriptor(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
}

/// False where it is dead and waited for.
inline bool send_signal(const Descriptor& process, int signal_number) {
  return syscall(SYS_pidfd_send_signal, process.fd(), signal_number, nullptr, 0) == 0;
}

}  // namespace taskrun
