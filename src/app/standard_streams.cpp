// SPDX-License-Identifier: MIT
#include "app/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

StandardStreams secure_standard_streams(bool in_is_lost) {
  StandardStreams streams;
  if (in_is_lost) lose_input(streams);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is this one: those below are open.
    [[maybe_unused]] const int opened = open("/dev/null", O_RDWR);
    if (fd == STDOUT_FILENO) streams.out = -1;
  }
  return streams;
}

void lose_input(StandardStreams& streams) {
  streams.in_is_lost = true;
  const Descriptor unreadable(open("/dev/null", O_WRONLY | O_CLOEXEC));
  dup2(unreadable.fd(), STDIN_FILENO);
}

bool is_writable(int fd) {
  const int mode = fcntl(fd, F_GETFL);
  return mode >= 0 && (mode & O_ACCMODE) != O_RDONLY;
}

}  // namespace taskrun
