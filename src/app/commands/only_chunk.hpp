// SPDX-License-Identifier: MIT
// One chunk of a run, alone and in this process: to see what it gives, or to debug it.
#pragma once

#include <cstdint>

#include "app/cli/command_line.hpp"
#include "app/commands/print.hpp"

namespace taskrun {

/// Writes what the chunk gives, as text; of one that fails what it wrote before. Throws Error:
/// usage for a chunk that is not there, chunks_failed for what the job throws.
void compute_only_chunk(CommandLine& line, const WriteText& write);

}  // namespace taskrun
