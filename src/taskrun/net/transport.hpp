// SPDX-License-Identifier: MIT
// How frames get from rank to rank. The one seam between the engine and whatever carries: MPI
// (mpi/), queues between threads (loopback.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "taskrun/core/time.hpp"
#include "taskrun/protocol/frame.hpp"

namespace taskrun {

struct Received {
  std::uint32_t from = 0;
  Frame frame;
  std::string broken{};  ///< what is wrong with what came instead of a frame; nothing more comes
};

/// One rank's end. Used by one thread, the rank's message thread. Frames between two ranks arrive
/// in the order they were sent, each whole and once, or not at all where the other rank is gone.
/// Nothing here blocks, whatever the other rank does.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual std::uint32_t rank() const = 0;
  virtual std::uint32_t size() const = 0;
  /// Takes the frame over. Also to oneself.
  virtual void send(std::uint32_t to, Frame frame) = 0;
  /// The next frame that arrived, if any, or word of a sender of whom something came that is none.
  virtual std::optional<Received> receive() = 0;
  /// How long the message thread may sleep between two calls of receive(): a millisecond at most
  /// where it must look for arrivals, longer where they notify its Wakeup.
  virtual Duration longest_sleep() const = 0;
};

}  // namespace taskrun
