// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "app/cli/command.hpp"
#include "taskrun/job/registry.hpp"

namespace taskrun {

/// How to use the program: usage, jobs, examples. `program` is its name.
std::string help_text(const std::string& program, const Commands& commands, const Registry& jobs);
/// How to use a job: its options with default and range, and its examples; then
/// those of the command that runs it.
std::string job_help_text(const std::string& program, const Registry::Entry& entry,
                          const Params& params, const Command& command);
/// How to use a command: usage, options, examples.
std::string command_help_text(const std::string& program, const Command& command);

/// "-j, --threads N".
std::string spelled(const Param& param);
/// " (default: 100; 1 to 2^64-1)", or nothing.
std::string limits(const Param& param);

/// What the program ends with.
struct ExitCodeText {
  int code;
  std::string_view meaning;
};
inline constexpr std::array exit_codes{ExitCodeText{0, "complete"},
                                       ExitCodeText{2, "bad usage or input"},
                                       ExitCodeText{3, "complete except for chunks that failed"},
                                       ExitCodeText{4, "the environment failed"},
                                       ExitCodeText{75, "stopped early, continue with 'resume'"}};
inline constexpr std::string_view numbers_text =
    "Whole numbers may be written 1000000, 1e6, 1M (powers of 1000) or 1Mi (of 1024).\n";

/// A line for each job.
std::string jobs_text(const Registry& jobs);

}  // namespace taskrun
