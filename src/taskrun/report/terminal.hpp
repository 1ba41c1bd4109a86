// SPDX-License-Identifier: MIT
// A terminal that a bar can be drawn on. Not every one that is there: one that is dumb, or that
// another job of the shell has in the foreground, is left alone.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

namespace taskrun {

class Terminal {
 public:
  /// Takes the descriptor over if it is a terminal, else closes it. `group` is the process group
  /// that must be in the foreground for drawing.
  static std::optional<Terminal> on(int fd, pid_t group);

  Terminal(Terminal&& other) noexcept;
  Terminal& operator=(Terminal&&) = delete;
  ~Terminal();

  /// Whether drawing would disturb nobody.
  bool in_foreground() const;
  /// Columns; 80 where it does not say.
  std::size_t width() const;
  /// Never stops the process, whatever the terminal's settings; what cannot be written is lost.
  void write(std::string_view text) const;

 private:
  Terminal(int fd, pid_t group) : fd_(fd), group_(group) {}

  int fd_;
  pid_t group_;
};

}  // namespace taskrun
