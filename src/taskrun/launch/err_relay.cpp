// SPDX-License-Identifier: MIT
#include "taskrun/launch/err_relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "taskrun/launch/far_text.hpp"
#include "taskrun/os/pipe.hpp"
#include "taskrun/os/write_all.hpp"

namespace taskrun {
namespace {

// False when nobody can write any more, or nobody reads.
bool pass_on(const std::string& secret, std::uint32_t rank) {
  std::array<pollfd, 2> polled{{{STDIN_FILENO, POLLIN, 0}, {STDOUT_FILENO, 0, 0}}};
  if (poll(polled.data(), polled.size(), -1) < 0) return errno == EINTR;
  if (polled[1].revents != 0) return false;
  std::array<char, most_far_text> buffer;
  const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
  if (size < 0) return errno == EINTR;
  return size > 0 &&
         write_all(STDOUT_FILENO,
                   far_text(secret, rank, {buffer.data(), static_cast<std::size_t>(size)}));
}

[[noreturn]] void be_relay(int from, int to, const std::string& secret, std::uint32_t rank) {
  setsid();  // whoever ends the rank's group does not end this
  prctl(PR_SET_NAME, "taskrun-relay");
  signal(SIGPIPE, SIG_IGN);
  if (chdir("/") != 0) _exit(1);
  dup2(from, STDIN_FILENO);
  dup2(to, STDOUT_FILENO);
  close_range(STDERR_FILENO, ~0U, 0);
  while (pass_on(secret, rank)) {
  }
  _exit(0);
}

}  // namespace

void keep_writes_whole(int pipe) {
  const int flags = fcntl(pipe, F_GETFL);
  if (flags >= 0) fcntl(pipe, F_SETFL, flags | O_DIRECT);
}

Descriptor start_err_relay(int launcher_err, const std::string& secret, std::uint32_t rank) {
  Pipe pipe = make_pipe();
  keep_writes_whole(launcher_err);
  const pid_t child = fork();
  if (child < 0) return Descriptor();
  if (child == 0) {
    pipe.writer.reset();
    // A child's child: nobody need wait for it.
    if (fork() == 0) be_relay(pipe.reader.fd(), launcher_err, secret, rank);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  return std::move(pipe.writer);
}

}  // namespace taskrun
