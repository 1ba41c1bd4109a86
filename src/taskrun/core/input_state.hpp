// SPDX-License-Identifier: MIT
// How far the input of a run has come whose end nobody knows before it is there.
#pragma once

#include <cstdint>

namespace taskrun {

struct InputState {
  std::uint64_t item_count = 0;  ///< read so far
  bool ended = false;            ///< no more will come
  std::uint64_t digest = 0;      ///< of those items: tells one input from another

  friend bool operator==(const InputState&, const InputState&) = default;
};

/// What is known of how much there is to do.
enum class Extent : std::uint8_t {
  known,  ///< from the start
  open,   ///< more may come
  ended,  ///< it was open, and no more comes
};

}  // namespace taskrun
