// SPDX-License-Identifier: MIT
// The commands that messages propose: each works as it stands, where it is read.
#pragma once

#include <cstdint>
#include <string>

#include "app/cli/command_line.hpp"

namespace taskrun {

/// "continue with: taskrun resume FILE", for a run whose dataset was opened; with the standard
/// input that it needs again, if it is a file, or words that say so.
std::string resume_hint(const CommandLine& line);

/// What continues the line's run: "mine resume FILE", or where the journal masks secrets the whole
/// command, with *** in their place.
std::string resume_command(const CommandLine& line);
/// "mine resume FILE": as a shell takes it.
std::string resume_command(const std::string& program, const std::string& journal);

/// "mine log FILE --failed": lists all chunks that failed.
std::string failed_command(const std::string& program, const std::string& journal);
/// Where the failed chunks of the line's run are listed that are not named.
std::string failed_hint(const CommandLine& line);

/// The command that computes this chunk of the line's run alone; its standard input comes with it
/// where that is a file.
std::string only_chunk_command(const CommandLine& line, std::uint64_t chunk);
/// "to run one alone: …", likewise; says where standard input must be given again.
std::string only_chunk_hint(const CommandLine& line, std::uint64_t chunk);

}  // namespace taskrun
