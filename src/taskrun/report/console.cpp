// SPDX-License-Identifier: MIT
#include "taskrun/report/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace taskrun {
namespace {

// What stderr does not take is lost: there is nobody else to tell.
void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Console::Console(int line_fd, std::optional<Terminal> terminal)
    : line_fd_(line_fd), terminal_(std::move(terminal)) {}

Console::~Console() { clear(); }

std::size_t Console::bar_width() const {
  if (!terminal_ || !terminal_->in_foreground()) return 0;
  // A full last column wraps on some terminals.
  return terminal_->width() - 1;
}

void Console::draw(std::string_view bar) {
  if (bar_width() == 0) return;
  // To the line's start, the bar, and nothing after it.
  terminal_->write(fmt::format("\r{}\x1b[K", bar));
  drawn_ = true;
}

void Console::clear() {
  if (!drawn_) return;
  terminal_->write("\r\x1b[K");
  drawn_ = false;
}

void Console::line(std::string_view text) {
  const std::string whole = fmt::format("taskrun: {}\n", text);
  if (drawn_) {
    clear();
    terminal_->write(whole);
  } else {
    write_all(line_fd_, whole);
  }
}

}  // namespace taskrun
