// SPDX-License-Identifier: MIT
// Between the command line and the journal: what a journal is told of a run, and what `resume`
// takes from it.
#pragma once

#include <exception>

#include "app/cli/command_line.hpp"
#include "taskrun/journal/sqlite_journal.hpp"
#include "taskrun/protocol/job_spec.hpp"

namespace taskrun {

/// For a run whose line names a journal.
JournalOptions journal_options(const CommandLine& line, std::uint32_t rank_count);

/// How a run with this failure, or this exit code where there is none, ended.
SessionEnd session_end(const std::exception_ptr& failure, int exit_code);

/// For a line that resumes, on rank 0, which alone needs to see the journal: what it says was
/// given, of the job and of the run. Throws Error (usage), also where somebody else may have
/// written it and nobody trusts them.
JobSpec spec_in_journal(const CommandLine& line);

}  // namespace taskrun
