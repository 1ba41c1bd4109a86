// SPDX-License-Identifier: MIT
// How a run is asked to end early: by a signal handler, by a supervisor. Rank 0 looks at it at
// least ten times a second.
#pragma once

#include <atomic>

namespace taskrun {

/// Only ever grows more urgent. Safe to use in signal handlers and from any thread.
class StopRequest {
 public:
  enum class Urgency : int {
    none,
    drain,    ///< lease no more; what is running may end within RunRules::stop_grace
    at_once,  ///< keep what has been committed, and end
  };

  void raise(Urgency urgency) noexcept {
    Urgency now = urgency_.load(std::memory_order_relaxed);
    while (now < urgency && !urgency_.compare_exchange_weak(now, urgency)) {
    }
  }
  /// By the run, again and again: it listens from the first time on.
  Urgency hear() noexcept {
    is_heard_.store(true, std::memory_order_relaxed);
    return urgency_.load(std::memory_order_relaxed);
  }
  /// Whether it was heard since the last time this was asked. Before a run begins it may wait for
  /// input that never comes, and afterwards for somebody who reads its result.
  bool was_heard() noexcept { return is_heard_.exchange(false, std::memory_order_relaxed); }

 private:
  std::atomic<Urgency> urgency_ = Urgency::none;
  std::atomic<bool> is_heard_ = false;
  static_assert(std::atomic<Urgency>::is_always_lock_free);
};

}  // namespace taskrun
