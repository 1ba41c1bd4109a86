// SPDX-License-Identifier: MIT
// Looks into a journal, also while a run writes it: for `status`, `log` and `resume`. Reads a
// little at a time, for whoever reads makes the writer wait.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/core/process_end.hpp"
#include "taskrun/journal/database.hpp"
#include "taskrun/journal/fingerprint.hpp"
#include "taskrun/journal/journal_format.hpp"

namespace taskrun {

// Times are seconds since 1970.

struct JournalSession {
  std::int64_t id = 0;
  double started = 0;
  std::string host;
  std::int64_t pid = 0;
  std::uint64_t rank_count = 0;
  std::string program;
  // Of one that has ended and could say so.
  std::optional<double> ended;
  std::optional<Verdict> verdict;
  int exit_code = 0;
  std::string reason;
};

/// How far a session came.
struct JournalProgress {
  double updated = 0;
  std::uint64_t chunks_done = 0;
  std::uint64_t chunks_failed = 0;
  std::uint64_t chunk_count = 0;
  std::uint64_t items_done = 0;
  std::uint64_t items_before = 0;  ///< done when the session began
  std::uint64_t item_count = 0;
  std::uint64_t worker_count = 0;
  std::uint64_t slot_count = 0;
  double elapsed_seconds = 0;  ///< of the session
  Extent extent = Extent::known;

  /// 0 where it cannot be told.
  double items_per_second() const;
  std::optional<double> seconds_left() const;
};

struct JournalEvent {
  double time = 0;
  std::string level;
  std::string text;
};

struct JournalAttempt {
  std::int64_t id = 0;
  std::int64_t session = 0;
  std::uint64_t first_chunk = 0;  ///< the chunks are [first_chunk, end_chunk)
  std::uint64_t end_chunk = 0;
  std::uint64_t attempt = 0;
  std::uint64_t worker = 0;
  std::string host;
  double started = 0;
  double busy_seconds = 0;
  std::string outcome;
  std::string error;
  ProcessEnd end;
  std::optional<std::uint64_t> peak_memory_bytes;  ///< of its processes, where that is known
};

struct JournalFailure {
  std::uint64_t chunk = 0;
  std::uint64_t first_item = 0;  ///< the items are [first_item, end_item)
  std::uint64_t end_item = 0;
  std::uint64_t attempts = 0;
  std::string error;
  ProcessEnd end;
};

/// Chunks that a slot is at.
struct JournalRunning {
  std::uint64_t first_chunk = 0;  ///< the chunks are [first_chunk, end_chunk)
  std::uint64_t end_chunk = 0;
  std::uint64_t attempt = 0;
  std::uint64_t worker = 0;
  std::string host;
  double since = 0;
};

class JournalReader {
 public:
  /// Throws Error for what is no journal, as do all others for one that is damaged.
  explicit JournalReader(const std::filesystem::path& path);

  /// Whether a run was writing it when the reader was made.
  bool is_running() const { return running_; }
  Fingerprint fingerprint();
  /// In the order of their starts.
  std::vector<JournalSession> sessions();
  std::optional<JournalProgress> progress();
  Extent extent();
  /// The last one of the last start that is more than a detail.
  std::optional<JournalEvent> last_event();
  /// What slots were at a moment ago, if the run goes on; the oldest.
  std::vector<JournalRunning> running();
  /// The first ones from this chunk on, in the order of the chunks.
  std::vector<JournalFailure> failures_from(std::uint64_t chunk, std::uint64_t most);
  /// The next ones after this id, in the order in which they ended.
  std::vector<JournalAttempt> attempts_after(std::int64_t id, std::uint64_t most);

 private:
  bool running_;  // found out before the file is opened here
  Database database_;
};

}  // namespace taskrun
