// SPDX-License-Identifier: MIT
// The streams that a process is started with, made safe to use: whatever the caller left closed or
// half read.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace taskrun {

/// What became of the standard streams before anything else was opened.
struct StandardStreams {
  bool in_is_lost = false;          ///< not all of stdin can be had: it fails
  bool in_through_launcher = true;  ///< it may be a launcher's that passes the user's on
  int out = 1;                      ///< -1: stdout is closed
  /// Whether they may be a launcher's, who carries what is written there to the user's.
  bool through_launcher = true;
  bool out_is_terminal = false;     ///< although it may look like a pipe
  std::uint64_t written_bytes = 0;  ///< to `out`, by those who began this run before
  pid_t group = 0;                  ///< the process group whose terminal it is; 0: our own
};

/// A stdin that is lost, because others have read part of it, is made one that cannot be read.
/// Streams that are closed are opened on /dev/null, lest another file gets their number. Call
/// first.
StandardStreams secure_standard_streams(bool in_is_lost);

/// Makes stdin one that cannot be read, rather than one that seems to hold nothing.
void lose_input(StandardStreams& streams);

/// Whether the descriptor is open, and for writing.
bool is_writable(int fd);

}  // namespace taskrun
