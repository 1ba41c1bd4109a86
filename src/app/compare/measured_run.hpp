// SPDX-License-Identifier: MIT
// Runs a command to its end and says what it took.
#pragma once

#include <cstdint>
#include <string>

#include "app/shared_input.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/launch/child.hpp"
#include "taskrun/launch/stop_signals.hpp"

namespace taskrun {

struct MeasuredRun {
  int exit_code = 0;  ///< 128 + the signal's number for one that was killed
  std::string err;    ///< what it wrote to stderr
  Duration wall{};
  Duration processor{};                 ///< of all its processes
  Duration queued{};                    ///< likewise: ready to run, while others had the cores
  std::uint64_t peak_memory_bytes = 0;  ///< of all its processes together
};

/// A signal asked us to end; the command was ended before this was thrown.
struct StopAsked {
  int signal;
};

/// `relay`, if any, is kept going meanwhile. Throws Error (environment), and StopAsked.
MeasuredRun run_measured(const ChildCommand& command, const StopSignals& signals,
                         InputRelay* relay = nullptr);

}  // namespace taskrun
