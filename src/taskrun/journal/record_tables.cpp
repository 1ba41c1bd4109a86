// SPDX-License-Identifier: MIT
#include "taskrun/journal/record_tables.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace taskrun {
namespace {

// Of attempts that went well only the latest are kept, some 30 MB: a run may have any number. The
// others are all kept.
constexpr std::int64_t most_attempts = 250'000;

constexpr std::array<const char*, 4> outcome_names{"done", "failed", "lost", "ended"};
constexpr std::array<const char*, 4> level_names{"debug", "info", "warning", "error"};

std::optional<std::int64_t> number_of(ProcessEnd end, ProcessEnd::How how) {
  return end.how == how ? std::optional<std::int64_t>(end.number) : std::nullopt;
}
std::optional<std::int64_t> exit_code_of(ProcessEnd end) {
  return number_of(end, ProcessEnd::How::exited);
}
std::optional<std::int64_t> signal_of(ProcessEnd end) {
  return number_of(end, ProcessEnd::How::killed);
}
std::optional<std::int64_t> known(std::uint64_t bytes) {
  return bytes == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(bytes));
}

}  // namespace

std::uint64_t piece_checksum(std::uint64_t run, ChunkRange chunks, ByteView payload) {
  const std::array<std::uint64_t, 4> numbers{run, chunks.begin, chunks.end, checksum(payload)};
  return checksum(std::as_bytes(std::span(numbers)));
}

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

RecordTables::RecordTables(Database& database, RecordedSession session)
    : session_(session),
      steady_begin_(unix_now() - seconds(steady_now().time_since_epoch())),
      last_attempt_(database.number("SELECT max(id) FROM attempt")),
      forgotten_attempts_(std::max<std::int64_t>(0, last_attempt_ - most_attempts)),
      remove_pieces_(database, "DELETE FROM piece WHERE first >= ? AND first < ?"),
      add_piece_(database, "INSERT INTO piece VALUES(?, ?, ?, ?)"),
      set_input_(database, "INSERT OR REPLACE INTO input VALUES(1, ?, ?, ?)"),
      add_attempt_(database,
                   "INSERT INTO attempt VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      forget_attempts_(database,
                       "DELETE FROM attempt WHERE id > ? AND id <= ? AND outcome = 'done'"),
      add_failed_(database, "INSERT OR REPLACE INTO failed VALUES(?, ?, ?, ?, ?, ?, ?)"),
      remove_running_(database, "DELETE FROM running"),
      add_running_(database, "INSERT INTO running VALUES(NULL, ?, ?, ?, ?, ?, ?)"),
      add_event_(database, "INSERT INTO event VALUES(NULL, ?, ?, ?, ?)"),
      set_progress_(database,
                    "INSERT OR REPLACE INTO progress VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") {}

void RecordTables::write(const Records& records) {
  const double now = unix_now();
  for (const auto& piece : records.pieces) write(piece);
  if (records.input) write(*records.input);
  for (const auto& attempt : records.attempts) write(attempt);
  for (const auto& f : records.failed) {
    add_failed_
        .bind(f.chunk, f.first_item, f.end_item, f.attempts, kept(f.error), exit_code_of(f.end),
              signal_of(f.end))
        .run();
  }
  for (const auto& event : records.events) write(event, now);
  if (records.running) write(*records.running);
  if (records.progress) write(*records.progress, now);
  forget_old_attempts();
}

void RecordTables::write(const RecordedPiece& piece) {
  remove_pieces_.bind(piece.chunks.begin, piece.chunks.end).run();
  add_piece_
      .bind(piece.chunks.begin, piece.chunks.end,
            piece_checksum(session_.run, piece.chunks, piece.payload), piece.payload)
      .run();
}

void RecordTables::write(const InputState& input) {
  set_input_.bind(input.item_count, input.digest, std::uint64_t{input.ended}).run();
}

void RecordTables::write(const AttemptRecord& a) {
  add_attempt_
      .bind(++last_attempt_, session_.id, a.chunks.begin, a.chunks.end, a.attempt, a.worker, a.host,
            unix_seconds(a.started), seconds(a.busy),
            outcome_names[static_cast<std::size_t>(a.outcome)], kept(a.error), exit_code_of(a.end),
            signal_of(a.end), known(a.memory_bytes))
      .run();
}

void RecordTables::write(const std::vector<RunningRecord>& running) {
  remove_running_.run();
  for (const auto& r : running) {
    add_running_
        .bind(r.chunks.begin, r.chunks.end, r.attempt, r.worker, r.host, unix_seconds(r.since))
        .run();
  }
}

double RecordTables::unix_seconds(Time time) const {
  return steady_begin_ + seconds(time.time_since_epoch());
}

void RecordTables::write(const Event& event, double now) {
  add_event_
      .bind(session_.id, now, level_names[static_cast<std::size_t>(event.level)], kept(event.text))
      .run();
}

void RecordTables::write(const Progress& p, double now) {
  set_progress_
      .bind(session_.id, now, p.chunks_done, p.chunks_failed, p.chunk_count, p.items_done,
            session_.items_before, p.item_count, p.worker_count, p.slot_count, seconds(p.elapsed))
      .run();
}

// As many as came, so that no transaction takes long.
void RecordTables::forget_old_attempts() {
  const std::int64_t last = last_attempt_ - most_attempts;
  if (last <= forgotten_attempts_) return;
  forget_attempts_.bind(forgotten_attempts_, last).run();
  forgotten_attempts_ = last;
}

}  // namespace taskrun
