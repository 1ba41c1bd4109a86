// SPDX-License-Identifier: MIT
// Text on its way to the user's stderr, which may take it late or never: who writes stays awake.
#pragma once

#include <string>
#include <string_view>

namespace taskrun {

class ErrWriter {
 public:
  /// The descriptor outlives it.
  explicit ErrWriter(int fd) : fd_(fd) {}

  void add(std::string_view text) { waiting_ += text; }
  /// Writes what is taken now.
  void write_some();

  bool empty() const { return waiting_.empty(); }
  /// So much waits that whoever adds should wait as well.
  bool full() const { return waiting_.size() >= most_waiting; }

 private:
  static constexpr std::size_t most_waiting = std::size_t{1} << 20U;

  const int fd_;
  std::string waiting_;
};

}  // namespace taskrun
