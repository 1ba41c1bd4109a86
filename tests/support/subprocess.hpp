// SPDX-License-Identifier: MIT
// Runs a program as a user does, with a deadline, and leaves nothing of it behind.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace taskrun::testing {

struct Command {
  enum class Out {
    captured,
    closed,
    file,       ///< out_path
    pipe_head,  ///< a pipe whose reader leaves after the first bytes
    terminal,   ///< stdin, stdout and stderr are a terminal, captured as `out`
  };

  std::vector<std::string> arguments;  ///< the program first
  Out out = Out::captured;
  std::string out_path{};
  /// "NAME=value" sets a variable, "NAME" removes it.
  std::vector<std::string> environment{};
  std::chrono::seconds deadline{60};
  std::string directory{};  ///< where it runs; empty: here
};

struct Ended {
  int exit_code = -1;  ///< 128 + the signal's number for a program that was killed
  bool timed_out = false;
  std::string out;
  std::string err;
};

/// What cannot be started ends with code 127.
Ended run(const Command& command);

/// In a child: becomes the program, in its directory and environment; the streams are the caller's
/// matter.
[[noreturn]] void execute(const Command& command);
/// As Ended::exit_code has it, of a wait status.
int exit_code_of(int status);

}  // namespace taskrun::testing
