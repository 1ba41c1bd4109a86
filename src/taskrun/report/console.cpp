// SPDX-License-Identifier: MIT
#include "taskrun/report/console.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "taskrun/core/printable.hpp"
#include "taskrun/os/write_all.hpp"

namespace taskrun {

Console::Console(int line_fd, std::optional<Terminal> terminal, Secrets secrets)
    : line_fd_(line_fd), terminal_(std::move(terminal)), secrets_(secrets) {}

Console::~Console() { clear(); }

std::size_t Console::bar_width() const {
  if (!terminal_ || !terminal_->in_foreground()) return 0;
  // A full last column wraps on some terminals.
  return terminal_->width() - 1;
}

void Console::draw(std::string_view bar) {
  if (bar_width() == 0) return;
  // To the line's start, the bar, and nothing after it.
  terminal_->write(fmt::format("\r{}\x1b[K", printable(bar)));
  drawn_ = true;
}

void Console::clear() {
  if (!drawn_) return;
  terminal_->write("\r\x1b[K");
  drawn_ = false;
}

void Console::line(std::string_view text) { write_whole(printable(shown_with(secrets_, text))); }

void Console::paragraph(std::string_view given) {
  const std::string text = shown_with(secrets_, given);
  std::string lines;
  for (std::size_t begin = 0, end = 0; end < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) lines += '\n';
    lines += printable(std::string_view(text).substr(begin, end - begin));
  }
  write_whole(lines);
}

void Console::write_whole(std::string_view text) {
  const std::string whole = fmt::format("taskrun: {}\n", text);
  if (drawn_) {
    clear();
    terminal_->write(whole);
  } else {
    static_cast<void>(write_all(line_fd_, whole));  // there is nobody else to tell
  }
}

}  // namespace taskrun
