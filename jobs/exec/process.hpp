// SPDX-License-Identifier: MIT
// One command's life: started, its output gathered or written to files, its standard input fed,
// ended when its time is up, and whatever it leaves behind ended with it. Knows nothing of items.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/core/time.hpp"
#include "taskrun/job/context.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun {

struct ExecProcess {
  std::string program;                   ///< its file, as seen from the folder
  std::vector<std::string> words;        ///< the first is the name it is called by
  std::vector<std::string> environment;  ///< NAME=value
  std::string folder;                    ///< where it runs; empty: here
  /// Its stdin: called for one piece after the other, until one is empty; without it /dev/null.
  std::function<std::string_view()> input;
  /// Where its stdout and stderr go; where there is no file they are gathered.
  const Descriptor* out_file = nullptr;
  const Descriptor* err_file = nullptr;
  /// Told once of a command that somebody has stopped, and that is still waited for.
  std::function<void(pid_t)> on_stopped;
  /// When more is gathered the command is ended.
  std::uint64_t most_output_bytes = 0;
};

struct ExecEnd {
  enum class How {
    exited,
    killed,
    not_started,
    no_folder,
    too_slow,
    too_much_output,
    too_much_memory,
    unwanted
  };
  How how = How::exited;
  int code = 0;  ///< exited: the exit code; killed: the signal; not_started, no_folder: an errno
  std::string out;
  std::string err;
  /// The most that was seen, of all its processes together; of the largest, where none was looked
  /// at; 0 where that is not known.
  std::uint64_t memory_bytes = 0;
};

/// Runs it in a process group of its own, which is gone when this returns. In a process that
/// inherits orphans (PR_SET_CHILD_SUBREAPER) so is all else that the command has started; only one
/// thread may call it there. Elsewhere any thread may. What is to end is asked to (SIGTERM), and
/// killed when the context's grace is over. Where a command does not read its input, SIGPIPE must
/// be ignored.
ExecEnd run_exec_process(const ExecProcess& process, const Context& context);

/// The file of a program, looked for as a shell in that folder does; none, and errno, where there
/// is none.
std::optional<std::string> find_program(const std::string& name, const std::string& folder);

}  // namespace taskrun
