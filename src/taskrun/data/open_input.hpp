// SPDX-License-Identifier: MIT
// The input of an open-ended dataset while it is being read, as the engine sees it.
#pragma once

#include <memory>

#include "taskrun/core/input_state.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

/// Reads in a thread of its own as long as the object lives; its end never waits for input.
class InputReading {
 public:
  virtual ~InputReading() = default;
  /// From any thread. Throws what made reading fail: Error (usage) where the input cannot be read.
  virtual InputState state() const = 0;
};

/// A dataset that may be open-ended, beside what one that ships has. It keeps what was read until
/// it is released, and reads no further while too much waits.
template <class D>
concept OpenEndedDataset = requires(const D& d, Wakeup& wakeup, const InputState& seen,
                                    ItemRange items) {
  /// Whether this one is; else it has all its items from the start.
  { d.is_open_ended() } -> std::convertible_to<bool>;
  /// Begins to read. The wake-up, which outlives the reading, is notified of each change of the
  /// state. What was `seen` of the input by an earlier run must be there again: until it is, none
  /// of it counts as read.
  { d.read(wakeup, seen) } -> std::same_as<std::unique_ptr<InputReading>>;
  /// These items are not needed any more; also before they are read.
  d.release(items);
  /// Instead of read(): waits for the end, and is not open-ended any more.
  d.read_whole();
};

}  // namespace taskrun
