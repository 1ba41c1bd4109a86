// SPDX-License-Identifier: MIT
// Keeps two runs from writing to one journal. The lock lies on the file itself, leaves nothing
// behind and ends with the process, also where the file system is another host's.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// An open file description lock on one byte far beyond SQLite's own. It belongs to this
/// descriptor, not to the process. While SQLite has the file open in this process the descriptor
/// must stay open too: closing any descriptor of a file drops SQLite's (process-wide) locks on it.
class JournalLock {
 public:
  /// Nothing where another run has it. Takes over `file`, which is open for reading and writing.
  /// Throws Error (environment) where the file system has no locks.
  static std::optional<JournalLock> take(Descriptor file, const std::filesystem::path& path);
  /// Whether a run has the file; false where that cannot be found out. Not while this process has
  /// it open.
  static bool is_held(const std::filesystem::path& path);

 private:
  explicit JournalLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace taskrun
