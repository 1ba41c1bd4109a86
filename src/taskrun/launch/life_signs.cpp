// SPDX-License-Identifier: MIT
#include "taskrun/launch/life_signs.hpp"

#include <algorithm>
#include <utility>

namespace taskrun {

void LifeSigns::on_moves(std::uint64_t moves) {
  if (std::exchange(moves_, moves) != moves) still_ = Duration::zero();
}

LifeSigns::Finding LifeSigns::look(Time now) {
  constexpr Duration longest_step = std::chrono::seconds(2);
  const Duration step =
      looked_ == Time{} ? Duration::zero() : std::min(now - looked_, longest_step);
  looked_ = now;
  silent_ += step;
  still_ += step;
  if (silent_ >= limits_.silence) return Finding::silent_for_good;
  // Before it has moved at all it may be making what it moves with.
  const bool moved = moves_ > 0;
  if (moved && still_ >= limits_.stillness) return Finding::still_for_good;
  const bool silent = silent_ >= limits_.silence_told;
  const bool still = moved && still_ >= limits_.stillness_told;
  if (std::exchange(told_, silent || still) == told_) return Finding::none;
  return silent ? Finding::silent : still ? Finding::still : Finding::goes_on;
}

}  // namespace taskrun
