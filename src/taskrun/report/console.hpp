// SPDX-License-Identifier: MIT
// The one voice on stderr: whole lines, and below them, where there is a terminal, a bar. No
// control code ever goes to anything that is not a terminal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "taskrun/core/secrets.hpp"
#include "taskrun/report/terminal.hpp"

namespace taskrun {

/// Used by one thread.
class Console {
 public:
  /// Lines go to `line_fd`, which the caller owns. Where there is a terminal for a bar they go
  /// there while a bar is drawn: under a launcher they would otherwise arrive after the next bar.
  Console(int line_fd, std::optional<Terminal> terminal, Secrets secrets = Secrets::masked);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  bool has_terminal() const { return terminal_.has_value(); }
  /// Columns that a bar may fill; 0 while there is none to draw on.
  std::size_t bar_width() const;
  /// Replaces the bar.
  void draw(std::string_view bar);
  void clear();
  /// Writes "taskrun: text" and a line's end, as printable() shows it: whatever text from outside
  /// is in it, it stays one line. What looks like a secret is masked, unless those are kept. The
  /// bar, if any, is drawn again at the next draw.
  void line(std::string_view text);
  /// The same for text that has several lines.
  void paragraph(std::string_view text);

 private:
  void write_whole(std::string_view text);

  const int line_fd_;
  const std::optional<Terminal> terminal_;
  const Secrets secrets_;
  bool drawn_ = false;
};

}  // namespace taskrun
