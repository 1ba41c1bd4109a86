// SPDX-License-Identifier: MIT
#include "taskrun/report/terminal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace taskrun {
namespace {

bool is_dumb() {
  const char* const kind = std::getenv("TERM");
  return kind == nullptr || std::string_view(kind) == "dumb" || *kind == '\0';
}

// With `stty tostop` a write from the background stops the process, unless the signal is blocked.
class BlockedTerminalStop {
 public:
  BlockedTerminalStop() {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, &before_);
  }
  ~BlockedTerminalStop() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedTerminalStop(const BlockedTerminalStop&) = delete;
  BlockedTerminalStop& operator=(const BlockedTerminalStop&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

std::optional<Terminal> Terminal::on(int fd, pid_t group) {
  if (fd < 0) return std::nullopt;
  if (!isatty(fd) || is_dumb()) {
    close(fd);
    return std::nullopt;
  }
  return Terminal(fd, group);
}

Terminal::Terminal(Terminal&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), group_(other.group_) {}

Terminal::~Terminal() {
  if (fd_ >= 0) close(fd_);
}

bool Terminal::in_foreground() const {
  const pid_t foreground = tcgetpgrp(fd_);
  // A terminal that does not control us cannot say.
  return foreground < 0 || foreground == group_;
}

std::size_t Terminal::width() const {
  winsize size{};
  constexpr std::size_t usual = 80;
  return ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

void Terminal::write(std::string_view text) const {
  const BlockedTerminalStop blocked;
  [[maybe_unused]] const auto written = ::write(fd_, text.data(), text.size());
}

}  // namespace taskrun
