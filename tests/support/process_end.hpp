// SPDX-License-Identifier: MIT
// Whether a process ends, of whomever it is the child.
#pragma once

#include <poll.h>

#include "taskrun/os/pidfd.hpp"

namespace taskrun::testing {

/// It ends, or has ended, in time.
inline bool ends(pid_t process) {
  const Descriptor descriptor = process_descriptor(process);
  if (!descriptor.open()) return true;
  pollfd ended{descriptor.fd(), POLLIN, 0};
  return poll(&ended, 1, 10'000) > 0;
}

}  // namespace taskrun::testing
