// SPDX-License-Identifier: MIT
// What rank 0 can reach of the launcher that started it on this host. A launcher carries a rank's
// output through pipes: it hides the user's terminal, goes on when the reader of its output is gone
// (or crashes), and says nothing of a full disk. Who writes to the launcher's own stdout sees it
// all.
#pragma once

#include <sys/types.h>

#include <optional>

#include "app/standard_streams.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/report/terminal.hpp"

namespace taskrun {

/// Where rank 0's results go. For a rank with an mpirun as its parent that is mpirun's own stdout,
/// unless this process's stdout was redirected on the way, or mpirun was told to do more with the
/// output than to pass it on.
class ReachedStdout {
 public:
  /// `through_launcher`: whether a launcher may carry what is written to the stream.
  ReachedStdout(const StandardStreams& streams, bool through_launcher);

  /// -1 where it is closed.
  int fd() const { return fd_; }

 private:
  std::optional<Descriptor> of_launcher_;
  int fd_;
};

/// The process that passes stdin on to this rank: the nearest of its ancestors that is a launcher
/// or a launcher's daemon.
std::optional<pid_t> launcher_process();

/// Before a rank ends with an error: waits, though not for long, until the launcher has read what
/// is in the pipe. That of Open MPI 5 forgets what it has not read by then.
void let_launcher_read(int pipe);

/// The terminal that is mpirun's stderr.
std::optional<Terminal> launcher_terminal();

}  // namespace taskrun
