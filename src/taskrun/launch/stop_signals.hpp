// SPDX-License-Identifier: MIT
// The signals by which a user or a batch system ends a run or lets it stand still, as something
// that can be waited for.
#pragma once

#include <csignal>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// SIGINT, SIGTERM, SIGUSR1 and SIGHUP no longer end the process; they are read here. Those that
/// were ignored stay so. Made before any thread is: those that come later inherit what it blocks.
class StopSignals {
 public:
  /// Throws Error (environment).
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int fd() const { return fd_.fd(); }
  /// The next signal's number, 0 where none has come. Does not wait.
  int next() const;

 private:
  sigset_t before_;
  Descriptor fd_;
};

/// Ctrl-Z no longer stops this process by itself: it is read here, so that what the process has
/// started can be stopped as well. Ignored, it stays so. Made likewise.
class SuspendSignal {
 public:
  /// Throws Error (environment).
  SuspendSignal();
  ~SuspendSignal();
  SuspendSignal(const SuspendSignal&) = delete;
  SuspendSignal& operator=(const SuspendSignal&) = delete;

  int fd() const { return fd_.fd(); }
  /// Whether it has come since the last call. Does not wait.
  bool take() const;
  /// Stands still until somebody lets this process go on.
  static void stand_still();

 private:
  sigset_t before_;
  Descriptor fd_;
};

/// The exit code for a program that a signal ended, as shells have it.
inline int exit_code_of_signal(int signal) { return 128 + signal; }

}  // namespace taskrun
