// SPDX-License-Identifier: MIT
#include "taskrun/core/wakeup.hpp"

#include <algorithm>

namespace taskrun {

void Wakeup::notify() {
  if (pending_.exchange(true, std::memory_order_acq_rel)) return;
  // The lock makes sure that the waiter is either before its check or inside its wait.
  const std::lock_guard lock(mutex_);
  condition_.notify_one();
}

void Wakeup::wait_for(Duration timeout) {
  // An hour: far below what would overflow the clock when added to now.
  const Duration bounded = std::min<Duration>(timeout, std::chrono::hours(1));
  std::unique_lock lock(mutex_);
  condition_.wait_for(lock, bounded, [this] { return consume(); });
}

}  // namespace taskrun
