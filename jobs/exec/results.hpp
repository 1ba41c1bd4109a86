// SPDX-License-Identifier: MIT
// What exec writes beside its output: a folder of results (stdout, stderr and exit code of each
// command), and what commands say on stderr, whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/new_file.hpp"

namespace taskrun {

/// The files of one command in the folder: NUMBER.stdout, NUMBER.stderr and, when those are
/// complete, NUMBER.exit. Until keep() they have names that nobody
/// can guess; what is not kept is removed.
class ExecResultFiles {
 public:
  /// Makes the folder where there is none. Throws Error (environment).
  ExecResultFiles(const std::filesystem::path& folder, std::uint64_t number);

  const Descriptor& out() const { return out_.descriptor(); }
  const Descriptor& err() const { return err_.descriptor(); }
  /// The exit code as a shell has it. Throws Error (environment).
  void keep(int exit_code);

 private:
  static NewFile create(const std::filesystem::path& folder, const std::string& name);

  NewFile out_;
  NewFile err_;
  NewFile exit_;
};

/// A run's results are not to be mixed with those of an earlier one: removes them, or where that is
/// not wanted throws Error (usage).
void clear_of_results(const std::filesystem::path& folder, bool removes);

/// Standard error, shared by all processes that this one is forked into: what is written at once
/// stays together.
class WholeStderr {
 public:
  WholeStderr();
  void write(std::string_view text);

 private:
  std::mutex threads_;  // the lock of the file keeps out processes, not threads
  Descriptor lock_;
};

}  // namespace taskrun
