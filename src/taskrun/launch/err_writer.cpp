// SPDX-License-Identifier: MIT
#include "taskrun/launch/err_writer.hpp"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace taskrun {

void ErrWriter::write_some() {
  std::size_t done = 0;
  pollfd polled{fd_, POLLOUT, 0};
  while (done < waiting_.size() && poll(&polled, 1, 0) > 0) {
    // So much never blocks where anything is taken.
    const std::size_t size = std::min<std::size_t>(waiting_.size() - done, PIPE_BUF);
    const ssize_t written = write(fd_, waiting_.data() + done, size);
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) break;
    // Nobody will ever read it.
    done = written < 0 ? waiting_.size() : done + static_cast<std::size_t>(written);
  }
  waiting_.erase(0, done);
}

}  // namespace taskrun
