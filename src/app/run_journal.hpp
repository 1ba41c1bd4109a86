// SPDX-License-Identifier: MIT
// Between the command line and the journal: what a journal is told of a run, and what `resume`
// takes from it.
#pragma once

#include <exception>
#include <optional>

#include "app/cli/command_line.hpp"
#include "taskrun/journal/sqlite_journal.hpp"
#include "taskrun/net/transport.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

/// For a run whose line names a journal.
JournalOptions journal_options(const CommandLine& line, std::uint32_t rank_count);

/// How a run with this failure, or this exit code where there is none, ended.
SessionEnd session_end(const std::exception_ptr& failure, int exit_code);

/// For a line that resumes, on every rank before the run: rank 0 looks into the journal, which it
/// alone needs to see, and tells the others. What it told; nothing where rank 0 has no run for us,
/// and says why. Throws Error (usage) on all ranks alike, or on rank 0 alone what is wrong with the
/// journal.
std::optional<Bytes> take_up_from_journal(CommandLine& line, Transport& transport, Wakeup& wakeup);
/// The same for another process that has such a line, and was passed what was told.
void take_up_told(CommandLine& line, ByteView told);

}  // namespace taskrun
