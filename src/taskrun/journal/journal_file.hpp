// SPDX-License-Identifier: MIT
// A journal as a file that may be anybody's: what is looked at before SQLite, which would follow
// what stands in it, opens it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace taskrun {

/// "FILE-journal": SQLite's rollback journal, which after a crash holds what is to be undone.
std::filesystem::path rollback_file(const std::filesystem::path& path);

/// Throws Error where the file, or the rollback journal beside it, is of a kind that no journal is:
/// a directory, a pipe, a device, a link, one that names other files, or one that needs more than
/// these two. Never waits. A file that is not there is left to whoever opens it.
void expect_journal_file(const std::filesystem::path& path);

/// Who else could have written the file: its owner's name, or "anybody"; nothing where only this
/// user could.
std::optional<std::string> other_author(const std::filesystem::path& path);

/// A copy of a file and of its rollback journal in a folder of its own.
class JournalCopy {
 public:
  /// Throws Error (environment).
  explicit JournalCopy(const std::filesystem::path& path);
  /// Removes the folder.
  ~JournalCopy();
  JournalCopy(const JournalCopy&) = delete;
  JournalCopy& operator=(const JournalCopy&) = delete;

  std::filesystem::path path() const { return folder_ / "journal"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace taskrun
