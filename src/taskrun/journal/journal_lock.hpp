// SPDX-License-Identifier: MIT
// Keeps two runs from writing to one journal. The lock lies on the file itself, leaves nothing
// behind and ends with the process, also where the file system is another host's.
#pragma once

#include <filesystem>
#include <optional>

namespace taskrun {

/// An open file description lock on one byte far beyond SQLite's own. It belongs to this
/// descriptor, not to the process. While SQLite has the file open in this process the descriptor
/// must stay open too: closing any descriptor of a file drops SQLite's (process-wide) locks on it.
class JournalLock {
 public:
  /// Nothing where another run has it. Takes over `fd`, which is open for reading and writing.
  /// Throws Error (environment) where the file system has no locks.
  static std::optional<JournalLock> take(int fd, const std::filesystem::path& path);
  /// Whether a run has the file; false where that cannot be found out. Not while this process has
  /// it open.
  static bool is_held(const std::filesystem::path& path);

  JournalLock(JournalLock&& other) noexcept;
  JournalLock& operator=(JournalLock&&) = delete;
  ~JournalLock();

 private:
  explicit JournalLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace taskrun
