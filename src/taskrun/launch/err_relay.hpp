// SPDX-License-Identifier: MIT
// Marks what a rank of another host writes to stderr as a rank's, before a launcher mixes it with
// words of its own.
#pragma once

#include <cstdint>
#include <string>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// What is written to the descriptor returned arrives at `launcher_err` in pieces (far_text.hpp),
/// by a small process that outlives this one: also what a rank says while it crashes. Forks: call
/// it before there are threads. Closed inside where that cannot be had.
Descriptor start_err_relay(int launcher_err, const std::string& secret, std::uint32_t rank);

/// What is written to this pipe in one go is read in one go: no piece is cut in the middle.
void keep_writes_whole(int pipe);

}  // namespace taskrun
