// SPDX-License-Identifier: MIT
// How a message thread waits: it goes on at once after something happened, then yields for some
// tens of microseconds, then sleeps, longer and longer where arrivals do not wake it.
#pragma once

#include "taskrun/core/time.hpp"
#include "taskrun/net/transport.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

class IdleWait {
 public:
  /// After a step: `active` where it did something, which may have made more to do. Waits until
  /// `until` at most.
  void wait(bool active, Time now, Time until, const Transport& transport, Wakeup& wakeup);

 private:
  Time last_active_{};
  Duration sleep_{};
};

}  // namespace taskrun
