// SPDX-License-Identifier: MIT
// A run's journal in one SQLite file: created or taken up again, locked against a second run,
// compared with the run at hand, restored from, written to, and closed with the verdict.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "taskrun/core/secrets.hpp"
#include "taskrun/journal/database.hpp"
#include "taskrun/journal/fingerprint.hpp"
#include "taskrun/journal/group_commit.hpp"
#include "taskrun/journal/journal.hpp"
#include "taskrun/journal/journal_format.hpp"
#include "taskrun/journal/journal_lock.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

enum class JournalStart { fresh, resumed };

struct JournalOptions {
  std::filesystem::path path;
  JournalStart start = JournalStart::fresh;
  Fingerprint fingerprint;            ///< all but grid and inputs, which begin() is told
  Secrets secrets = Secrets::masked;  ///< in what is written
  InputIdentity inputs = InputIdentity::size_and_time;  ///< for a fresh one; then as it began
  std::string program;                                  ///< version, as the sessions show it
  std::string resume_command;  ///< for errors after which the run can be continued
  std::uint32_t rank_count = 1;
  /// For the disk to take the last records, after which nobody waits for it any more.
  std::chrono::milliseconds close_deadline = std::chrono::seconds(10);
};

/// How a start of the run ended.
struct SessionEnd {
  Verdict verdict = Verdict::complete;
  int exit_code = 0;
  std::string reason;  ///< for what failed
};

/// Used by one thread, which never waits for the disk but in begin(), restore(), read() and end().
class SqliteJournal final : public Journal {
 public:
  /// Opens and locks the file. Throws Error: usage for a file that is not what was asked for,
  /// environment for one that another run has (and says who), and for a disk that fails.
  SqliteJournal(JournalOptions options, Wakeup& wakeup);
  /// A fresh file in which nothing was begun is removed.
  ~SqliteJournal() override;

  void begin(const Grid& grid, const std::vector<InputFile>& inputs) override;
  InputState input() const override;
  void restore(const Restore& restore) override;
  Bytes read(ChunkRange chunks) const override;
  void record(Records records) override { writer().record(std::move(records)); }
  std::uint64_t durable_count() const override { return writer_ ? writer_->durable_count() : 0; }

  /// Of pieces that restore() left out.
  std::uint64_t damaged_count() const { return damaged_count_; }
  /// Waits until all is durable, writes how this start ended, and closes the file. Nothing else is
  /// called after it. Throws Error (environment).
  void end(const SessionEnd& end);
  /// Whether that failed because the disk never returned: the journal must not be destroyed then,
  /// the process ends around it (std::_Exit).
  bool hangs() const { return hangs_; }

 private:
  void open_file();
  void refuse_second_run() const;
  void prepare();
  void expect_same_secrets(const Fingerprint& present);
  void begin_fresh();
  void begin_resumed();
  std::int64_t add_session();
  void remove_damaged(const std::vector<std::int64_t>& damaged);
  GroupCommit& writer();

  const JournalOptions options_;
  Wakeup& wakeup_;
  bool created_ = false;
  bool begun_ = false;
  bool hangs_ = false;
  Fingerprint fingerprint_;  // whole
  Grid grid_;
  RecordedSession session_;
  std::uint64_t damaged_count_ = 0;
  // In this order: the lock's descriptor is closed after the database.
  std::optional<JournalLock> lock_;
  mutable std::mutex database_mutex_;
  mutable std::optional<Database> database_;
  std::unique_ptr<GroupCommit> writer_;
};

}  // namespace taskrun
