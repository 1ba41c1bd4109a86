// SPDX-License-Identifier: MIT
// One chunk of a run, alone and in this process: to see what it gives, or to debug it.
#pragma once

#include <cstdint>
#include <string>

#include "app/cli/command_line.hpp"

namespace taskrun {

/// What the chunk gives, as text. Throws Error: usage for a chunk that is not there, chunks_failed
/// for what the job throws.
std::string only_chunk_text(CommandLine& line);

}  // namespace taskrun
