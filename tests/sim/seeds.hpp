// SPDX-License-Identifier: MIT
// Which random runs are played: TASKRUN_SIM_SEED=n plays that one, TASKRUN_SIM_SEEDS=n the first n.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>

#include "scenario.hpp"

namespace taskrun::testing {

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// 0: not only one.
inline std::uint64_t only_seed() { return from_environment("TASKRUN_SIM_SEED", 0); }

/// One of `share` runs of those asked for; a seed whose run is not good is named.
template <class Good>
void play_seeds(Good good, std::uint64_t share) {
  const std::uint64_t only = only_seed();
  const std::uint64_t count = from_environment("TASKRUN_SIM_SEEDS", 10000) / share;
  for (std::uint64_t seed = only ? only : 1; seed <= (only ? only : count); ++seed) {
    good(random_scenario(seed));
    if (::testing::Test::HasFailure()) FAIL() << "replay with TASKRUN_SIM_SEED=" << seed;
  }
}

}  // namespace taskrun::testing
