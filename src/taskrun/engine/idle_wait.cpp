// SPDX-License-Identifier: MIT
#include "taskrun/engine/idle_wait.hpp"

#include <algorithm>
#include <thread>

namespace taskrun {
namespace {

// After something happened the next thing often follows within a few microseconds; sleeping then
// would cost a wake-up of some tens of microseconds each time.
constexpr Duration spin = std::chrono::microseconds(30);
constexpr Duration shortest_sleep = std::chrono::microseconds(20);
// Who may sleep longer than that is woken by arrivals.
constexpr Duration longest_poll = std::chrono::milliseconds(1);

}  // namespace

void IdleWait::wait(bool active, Time now, Time until, const Transport& transport, Wakeup& wakeup) {
  if (active) {
    last_active_ = now;
    sleep_ = shortest_sleep;
    return;
  }
  const Duration longest = std::min(until - now, transport.longest_sleep());
  if (longest <= Duration::zero()) return;
  if (now - last_active_ < spin) {
    std::this_thread::yield();
  } else if (transport.longest_sleep() > longest_poll) {
    wakeup.wait_for(longest);
  } else {
    wakeup.wait_for(std::min(sleep_, longest));
    sleep_ = std::min(2 * sleep_, transport.longest_sleep());
  }
}

}  // namespace taskrun
