// SPDX-License-Identifier: MIT
// What rank 0 can reach of the launcher that started it on this host. A launcher carries a rank's
// output through pipes: it hides the user's terminal, goes on when the reader of its output is gone
// (or crashes), and says nothing of a full disk. Who writes to the launcher's own stdout sees it
// all.
#pragma once

#include <cstdint>
#include <optional>

#include "taskrun/core/descriptor.hpp"
#include "taskrun/report/terminal.hpp"

namespace taskrun {

/// What became of the standard streams before anything else was opened.
struct StandardStreams {
  int out = 1;  ///< -1: stdout is closed
  /// Whether they may be a launcher's, who carries what is written there to the user's.
  bool through_launcher = true;
  bool out_is_terminal = false;     ///< although it may look like a pipe
  std::uint64_t written_bytes = 0;  ///< to `out`, by those who began this run before
  pid_t group = 0;                  ///< the process group whose terminal it is; 0: our own
};

/// Set for ranks that begin again after others have read from a stdin that cannot be read twice.
inline constexpr const char* input_lost_variable = "TASKRUN_INPUT_LOST";

/// A stdin that was read in part by others is one that cannot be read. Streams that are closed are
/// opened on /dev/null, lest another file gets their number. Call first.
StandardStreams secure_standard_streams();

/// For a rank with an mpirun as its parent: mpirun's own stdout, -1 inside where that is closed.
/// Nothing where there is no such parent, where this process's stdout was redirected on the way, or
/// where mpirun was told to do more with the output than to pass it on.
std::optional<Descriptor> launcher_stdout();

/// The terminal that is mpirun's stderr.
std::optional<Terminal> launcher_terminal();

}  // namespace taskrun
