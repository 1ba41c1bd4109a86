// SPDX-License-Identifier: MIT
// Standard input for several processes, each of which reads all of it. A pipe can be read once
// only, and may never end: it is kept in a file, but only when the first process reads it.
#pragma once

#include <poll.h>

#include <cstdint>
#include <optional>
#include <string>

#include "taskrun/launch/stop_signals.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/pipe.hpp"

namespace taskrun {

/// Passes standard input on to a process through a pipe, and keeps what it passed. It reads no more
/// than the pipe holds while the process does not.
class InputRelay {
 public:
  /// Throws Error (environment), as do all that keep something.
  InputRelay();

  /// The process' standard input.
  int end_for_reading() const { return pipe_.reader.fd(); }
  /// What to wait for before go_on(); a descriptor of -1 when there is nothing more to do.
  pollfd waits_for() const;
  void go_on();

  /// Once the process has ended: whether it read anything, or an end where there was nothing more.
  bool was_read() const;
  /// Keeps the rest, to the end. Ends early when a signal has come.
  void keep_rest(const StopSignals& signals);
  const Descriptor& kept() const { return kept_; }

 private:
  void take();

  Descriptor kept_;
  Pipe pipe_;
  std::string pending_;  // taken and kept, not yet passed on
  std::uint64_t passed_bytes_ = 0;
  bool ended_ = false;  // there is no more to take
};

/// Our standard input, as every variant gets it.
class SharedInput {
 public:
  SharedInput();

  /// Not null where it is a stream of which nobody knows yet whether it is read. The first process
  /// gets its end.
  InputRelay* relay() { return relay_ ? &*relay_ : nullptr; }
  /// After the first process.
  void settle(const StopSignals& signals);
  /// For the next process: from the beginning.
  Descriptor open() const;

 private:
  std::optional<InputRelay> relay_;
  Descriptor file_;  // not open: there is nothing to read
  std::uint64_t offset_ = 0;
};

}  // namespace taskrun
