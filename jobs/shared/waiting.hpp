// SPDX-License-Identifier: MIT
// Waiting inside a map, as an item does that waits for a network: ends early when nobody wants the
// result any more.
#pragma once

#include <algorithm>
#include <thread>

#include "taskrun/core/time.hpp"
#include "taskrun/job/context.hpp"

namespace taskrun {

inline void wait(Duration duration, const Context& context) {
  // How late a stop may be noticed.
  constexpr Duration step = std::chrono::milliseconds(20);
  const Time end = steady_now() + duration;
  for (Time now = steady_now(); now < end && !context.stop_requested(); now = steady_now()) {
    std::this_thread::sleep_for(std::min(step, Duration(end - now)));
  }
}

}  // namespace taskrun
