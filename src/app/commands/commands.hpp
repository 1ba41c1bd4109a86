// SPDX-License-Identifier: MIT
// What the program can be asked to do; one file each.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/command_info.hpp"
#include "app/cli/command_line.hpp"
#include "app/standard_streams.hpp"
#include "app/supervision.hpp"
#include "taskrun/job/registry.hpp"
#include "taskrun/net/launched_rank.hpp"

namespace taskrun {

/// How to use the program: usage, jobs, examples. `program` is its name.
std::string help_text(const std::string& program, const Registry& jobs);
/// How to use a job: its options with default and range, and its examples; then the run options,
/// and those of the command that runs it, if it is named.
std::string job_help_text(const std::string& program, const Registry::Entry& entry,
                          const Params& params, const CommandInfo* topic = nullptr);
/// How to use a command: usage, options, examples.
std::string command_help_text(const std::string& program, const CommandInfo& info);
/// A line for each job.
std::string list_text(const Registry& jobs);
/// What a run with these parameters would be: values, items, chunks. Opens the dataset.
std::string describe_text(CommandLine& line);
/// How far the run of a journal is, and how it ended. Throws Error for what is no journal, as do
/// all that look into one.
std::string status_text(const std::string& path, const std::string& program);
std::string status_json(const std::string& path, const std::string& program, const Registry& jobs);
enum class LogOf {
  attempts,       ///< each try at chunks, and what became of it
  failed_chunks,  ///< the chunks that were given up
};
enum class LogForm { table, json };
using WriteText = std::function<void(std::string_view)>;
/// A little at a time: a log may be long.
void write_log(const std::string& path, LogOf what, LogForm form, const WriteText& write);
/// The versions of the program, its compiler and its libraries.
std::string version_text();

/// "0.1.0".
const char* program_version();
/// The commit of its sources, with its date.
const char* program_commit();

/// Runs the job on this rank, to the end of the run, and returns the rank's exit code. On rank 0
/// throws Error for a run that cannot be completed. Ends the process itself where the job's code
/// cannot be left behind (see Rank::slots_stuck).
int run_command(CommandLine& line, const std::optional<LaunchedRank>& launched,
                const StandardStreams& streams, const Supervision& supervision);

/// Starts the ranks with mpirun and sees the run to its end, whatever dies; the exit code. Throws
/// Error for a run that cannot be completed.
int launch_command(CommandLine& line, const StandardStreams& streams);

/// Runs the job in several ways, one after the other, and tells what each took; the exit code. What
/// a run that fails says is passed on, and so is its exit code. Throws Error.
int compare_command(const CommandLine& line, const StandardStreams& streams);

}  // namespace taskrun
