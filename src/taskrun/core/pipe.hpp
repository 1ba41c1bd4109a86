// SPDX-License-Identifier: MIT
// Both ends of a pipe.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "taskrun/core/descriptor.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {

struct Pipe {
  Descriptor reader;
  Descriptor writer;
};

/// Closed in programs that are started; `flags` are more ones of pipe2. Throws Error (environment).
inline Pipe make_pipe(int flags = 0) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | flags) != 0) {
    throw environment_error(std::string("no pipe can be made: ") + std::strerror(errno));
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace taskrun
