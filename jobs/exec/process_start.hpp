// SPDX-License-Identifier: MIT
// How a command becomes a process: what happens between our process and the command's first
// instruction.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskrun {

struct ProcessStart {
  std::string program;                   ///< its file, as seen from the folder
  std::vector<std::string> words;        ///< the first is the name it is called by
  std::vector<std::string> environment;  ///< NAME=value
  std::string folder;                    ///< where it runs; empty: here
  // Its standard streams:
  int in = -1;
  int out = -1;
  int err = -1;
  int group = -1;  ///< the entrance of its control group (see MemoryGroup); none: ours
};

struct StartedProcess {
  pid_t pid = 0;           ///< 0 where it could not be started
  int error = 0;           ///< an errno
  bool has_folder = true;  ///< the error is not of entering it
};

/// In a process group of its own and without a terminal: what asks a person there fails instead of
/// waiting. It dies with the thread that starts it.
StartedProcess start_process(const ProcessStart& start);

}  // namespace taskrun
