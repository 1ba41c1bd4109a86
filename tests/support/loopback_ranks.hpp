// SPDX-License-Identifier: MIT
// Ranks in one process, each for a thread of the test.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "taskrun/net/loopback.hpp"

namespace taskrun::testing {

struct LoopbackRanks {
  explicit LoopbackRanks(std::uint32_t count) : hub(count), wakeups(count) {
    for (std::uint32_t rank = 0; rank < count; ++rank) {
      transports.push_back(hub.connect(rank, wakeups[rank]));
    }
  }

  LoopbackHub hub;
  std::vector<Wakeup> wakeups;
  std::vector<std::unique_ptr<Transport>> transports;
};

}  // namespace taskrun::testing
