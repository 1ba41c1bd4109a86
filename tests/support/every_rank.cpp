// SPDX-License-Identifier: MIT
#include "every_rank.hpp"

#include <stdexcept>
#include <thread>

namespace taskrun::testing {

Received next(Transport& transport) {
  const Time deadline = steady_now() + std::chrono::minutes(1);
  while (steady_now() < deadline) {
    if (auto received = transport.receive()) return std::move(*received);
    std::this_thread::yield();
  }
  throw std::runtime_error("no frame came for a minute");
}

}  // namespace taskrun::testing
