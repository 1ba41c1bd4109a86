// SPDX-License-Identifier: MIT
// The rows that a run's records become. When they are durable is the caller's matter, who holds the
// transaction.
#pragma once

#include <chrono>
#include <cstdint>

#include "taskrun/core/secrets.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/journal/database.hpp"
#include "taskrun/journal/journal.hpp"

namespace taskrun {

/// The checksum that a piece's row carries; `run` is that of the run's fingerprint, so that a piece
/// never passes for one of another run.
std::uint64_t piece_checksum(std::uint64_t run, ChunkRange chunks, ByteView payload);

/// Seconds since 1970.
double unix_now();

/// Where a session's rows belong.
struct RecordedSession {
  std::int64_t id = 0;
  std::uint64_t run = 0;              ///< checksum of the fingerprint
  std::uint64_t items_before = 0;     ///< done when the session began
  Secrets secrets = Secrets::masked;  ///< in texts
};

/// Statements for all tables, prepared once. Used by one thread at a time.
class RecordTables {
 public:
  /// The database outlives it.
  RecordTables(Database& database, RecordedSession session);
  /// Throws Error (environment).
  void write(const Records& records);

 private:
  void write(const RecordedPiece& piece);
  void write(const AttemptRecord& attempt);
  void write(const std::vector<RunningRecord>& running);
  void write(const InputState& input);
  void write(const Event& event, double now);
  void write(const Progress& progress, double now);
  void forget_old_attempts();
  double unix_seconds(Time time) const;
  std::string kept(const std::string& text) const { return shown_with(session_.secrets, text); }

  const RecordedSession session_;
  const double steady_begin_;  // of the steady clock, in seconds since 1970
  std::int64_t last_attempt_;
  std::int64_t forgotten_attempts_;
  Statement remove_pieces_;
  Statement add_piece_;
  Statement set_input_;
  Statement add_attempt_;
  Statement forget_attempts_;
  Statement add_failed_;
  Statement remove_running_;
  Statement add_running_;
  Statement add_event_;
  Statement set_progress_;
};

}  // namespace taskrun
