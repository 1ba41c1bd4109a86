// SPDX-License-Identifier: MIT
// How a thread that sleeps is told that there is something to do.
#pragma once

#include <atomic>
#include <cstdint>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// One sleeper, any number who ring; what rings while it is awake is not lost. May lie in memory
/// that processes share (a Linux futex). All zeros are a bell that has not rung.
class Bell {
 public:
  /// From any thread. Costs a system call only where somebody sleeps.
  void ring();
  /// Waits for a ring, at most this long (and at most an hour), and consumes it.
  void wait_for(Duration timeout);
  /// Consumes a ring if there was one.
  bool consume();

 private:
  enum State : std::uint32_t { quiet, rung, asleep };
  std::atomic<std::uint32_t> state_ = quiet;
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
};

/// The bell of a rank's message thread.
class Wakeup {
 public:
  Wakeup() = default;
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void notify() { bell_->ring(); }
  void wait_for(Duration timeout) { bell_->wait_for(timeout); }
  bool consume() { return bell_->consume(); }

  /// From now on it is that bell, which others know and which outlives this. Before anybody else
  /// uses it.
  void move_to(Bell& shared) { bell_ = &shared; }

 private:
  Bell own_;
  Bell* bell_ = &own_;
};

}  // namespace taskrun
