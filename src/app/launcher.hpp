// SPDX-License-Identifier: MIT
// What rank 0 can reach of the launcher that started it on this host. A launcher carries a rank's
// output through pipes: it hides the user's terminal, goes on when the reader of its output is gone
// (or crashes), and says nothing of a full disk. Who writes to the launcher's own stdout sees it
// all.
#pragma once

#include <sys/types.h>

#include <optional>

#include "taskrun/os/descriptor.hpp"
#include "taskrun/report/terminal.hpp"

namespace taskrun {

/// For a rank with an mpirun as its parent: mpirun's own stdout, -1 inside where that is closed.
/// Nothing where there is no such parent, where this process's stdout was redirected on the way, or
/// where mpirun was told to do more with the output than to pass it on.
std::optional<Descriptor> launcher_stdout();

/// The process that passes stdin on to this rank: the nearest of its ancestors that is a launcher
/// or a launcher's daemon.
std::optional<pid_t> launcher_process();

/// Before a rank ends with an error: waits, though not for long, until the launcher has read what
/// is in the pipe. That of Open MPI 5 forgets what it has not read by then.
void let_launcher_read(int pipe);

/// The terminal that is mpirun's stderr.
std::optional<Terminal> launcher_terminal();

}  // namespace taskrun
