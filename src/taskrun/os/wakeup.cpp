// SPDX-License-Identifier: MIT
#include "taskrun/os/wakeup.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <ctime>

namespace taskrun {
namespace {

// Not private to the process: a bell may be shared. Without memory there is nothing to do about an
// error; the kernel reports changed values and signals, which the callers expect.
void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* timeout) {
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), operation, value, timeout, nullptr,
          0);
}

timespec as_timespec(Duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
  timespec time{};
  time.tv_sec = whole.count();
  time.tv_nsec = static_cast<long>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(duration - whole).count());
  return time;
}

}  // namespace

void Bell::ring() {
  if (state_.exchange(rung, std::memory_order_acq_rel) == asleep) {
    futex(state_, FUTEX_WAKE, INT_MAX, nullptr);
  }
}

bool Bell::consume() {
  return state_.load(std::memory_order_relaxed) == rung &&
         state_.exchange(quiet, std::memory_order_acquire) == rung;
}

void Bell::wait_for(Duration timeout) {
  if (timeout <= Duration::zero()) {
    consume();
    return;
  }
  std::uint32_t expected = quiet;
  if (state_.compare_exchange_strong(expected, asleep, std::memory_order_acq_rel)) {
    const timespec time = as_timespec(std::min<Duration>(timeout, std::chrono::hours(1)));
    futex(state_, FUTEX_WAIT, asleep, &time);
  }
  // Rung, or still asleep after a time-out, a signal or a wake-up meant for an earlier sleep.
  state_.exchange(quiet, std::memory_order_acquire);
}

}  // namespace taskrun
