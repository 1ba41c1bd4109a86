// SPDX-License-Identifier: MIT
// Whether rank 0 still gives signs of life, and what is to be done where it does not. Pure.
#pragma once

#include <chrono>
#include <cstdint>

#include "taskrun/core/time.hpp"

namespace taskrun {

struct LifeLimits {
  /// A rank 0 without any sign for so long is told of, and then taken for lost.
  Duration silence_told = std::chrono::seconds(8);
  Duration silence = std::chrono::seconds(24);
  /// Likewise one that lives and does not look at its messages. It ends itself after two minutes,
  /// unless its disk lets it not even do that.
  Duration stillness_told = std::chrono::seconds(30);
  Duration stillness = std::chrono::seconds(150);
};

class LifeSigns {
 public:
  explicit LifeSigns(const LifeLimits& limits) : limits_(limits) {}

  /// A word from it has come.
  void on_word() { silent_ = Duration::zero(); }
  /// It has said how often it looked at its messages.
  void on_moves(std::uint64_t moves);

  enum class Finding { none, silent, still, goes_on, silent_for_good, still_for_good };
  /// Again and again, at least every second; what lies longer apart was a pause of the caller, and
  /// counts little. Each finding is made once; those for good again and again.
  Finding look(Time now);
  /// For how long it has been silent, or still.
  Duration since() const { return silent_ >= limits_.silence_told ? silent_ : still_; }

 private:
  const LifeLimits limits_;
  Time looked_{};
  Duration silent_{};
  Duration still_{};
  std::uint64_t moves_ = 0;
  bool told_ = false;
};

}  // namespace taskrun
