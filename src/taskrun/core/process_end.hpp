// SPDX-License-Identifier: MIT
// How a process ended: what a failed chunk tells of the command, or of the isolated process, that
// it was.
#pragma once

#include <cstdint>

namespace taskrun {

struct ProcessEnd {
  enum class How : std::uint8_t {
    unknown,  ///< there was no process, or it is not known how it ended
    exited,
    killed,
  };
  How how = How::unknown;
  std::int32_t number = 0;  ///< the exit code, or the signal
};

}  // namespace taskrun
