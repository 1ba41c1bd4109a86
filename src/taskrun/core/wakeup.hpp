// SPDX-License-Identifier: MIT
// How a thread that sleeps is told that there is something to do.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// One waiter, any number of notifiers. A notification that comes before the wait is not lost.
class Wakeup {
 public:
  /// From any thread. Cheap when the waiter has not yet seen the last one.
  void notify();
  /// Waits for a notification, at most this long (and at most an hour), and consumes it.
  void wait_for(Duration timeout);
  /// Consumes a notification if there is one.
  bool consume() { return pending_.exchange(false, std::memory_order_acquire); }

 private:
  std::atomic<bool> pending_ = false;
  std::mutex mutex_;
  std::condition_variable condition_;
};

}  // namespace taskrun
