// SPDX-License-Identifier: MIT
// Both ends of a pipe.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {

struct Pipe {
  Descriptor reader;
  Descriptor writer;
};

/// Closed in programs that are started; `flags` are more ones of pipe2. Throws Shortage.
inline Pipe make_pipe(int flags = 0) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | flags) != 0) throw_system_failure("make a pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace taskrun
