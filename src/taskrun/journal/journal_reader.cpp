// SPDX-License-Identifier: MIT
#include "taskrun/journal/journal_reader.hpp"

#include "taskrun/journal/journal_lock.hpp"

namespace taskrun {
namespace {

std::optional<Verdict> verdict_named(const std::string& name) {
  for (const Verdict verdict : all_verdicts) {
    if (name == name_of(verdict)) return verdict;
  }
  return std::nullopt;
}

JournalSession session_in(const Statement& row) {
  JournalSession session;
  session.id = row.integer(0);
  session.started = row.real(1);
  session.host = row.text(2);
  session.pid = row.integer(3);
  session.rank_count = row.count(4);
  session.program = row.text(5);
  if (!row.is_null(6)) session.ended = row.real(6);
  session.verdict = verdict_named(row.text(7));
  session.exit_code = static_cast<int>(row.integer(8));
  session.reason = row.text(9);
  return session;
}

ProcessEnd end_in(const Statement& row, int exit_code, int signal) {
  using How = ProcessEnd::How;
  if (!row.is_null(signal)) return {How::killed, static_cast<std::int32_t>(row.integer(signal))};
  if (row.is_null(exit_code)) return {};
  return {How::exited, static_cast<std::int32_t>(row.integer(exit_code))};
}

}  // namespace

double JournalProgress::items_per_second() const {
  if (elapsed_seconds <= 0 || items_done <= items_before) return 0;
  return static_cast<double>(items_done - items_before) / elapsed_seconds;
}

std::optional<double> JournalProgress::seconds_left() const {
  const double rate = items_per_second();
  if (rate <= 0 || items_done > item_count || extent == Extent::open) return std::nullopt;
  return static_cast<double>(item_count - items_done) / rate;
}

JournalReader::JournalReader(const std::filesystem::path& path)
    : running_(JournalLock::is_held(path)), database_(open_journal(path)) {}

Fingerprint JournalReader::fingerprint() { return read_fingerprint(database_); }

std::vector<JournalSession> JournalReader::sessions() {
  std::vector<JournalSession> sessions;
  Statement rows(database_,
                 "SELECT id, started, host, pid, ranks, program, ended, verdict, exit_code, reason"
                 " FROM session ORDER BY id");
  Ascending ids(database_);
  while (rows.step()) {
    ids.next(rows.integer(0));
    sessions.push_back(session_in(rows));
  }
  return sessions;
}

std::optional<JournalProgress> JournalReader::progress() {
  Statement row(database_,
                "SELECT updated, chunks_done, chunks_failed, chunk_count, items_done,"
                " items_before, item_count, workers, slots, elapsed_seconds"
                " FROM progress ORDER BY session DESC LIMIT 1");
  if (!row.step()) return std::nullopt;
  return JournalProgress{row.real(0),  row.count(1), row.count(2), row.count(3),
                         row.count(4), row.count(5), row.count(6), row.count(7),
                         row.count(8), row.real(9),  extent()};
}

Extent JournalReader::extent() {
  for (const Fact& fact : fingerprint()) {
    if (fact.kind != Fact::Kind::grid || fact.value != open_ended) continue;
    const auto input = read_input(database_);
    return input && input->ended ? Extent::ended : Extent::open;
  }
  return Extent::known;
}

std::optional<JournalEvent> JournalReader::last_event() {
  Statement row(database_,
                "SELECT time, level, text FROM event WHERE level <> 'debug' AND"
                " session = (SELECT max(id) FROM session) ORDER BY id DESC LIMIT 1");
  if (!row.step()) return std::nullopt;
  return JournalEvent{row.real(0), row.text(1), row.text(2)};
}

std::vector<JournalFailure> JournalReader::failures_from(std::uint64_t chunk, std::uint64_t most) {
  std::vector<JournalFailure> failures;
  Statement rows(
      database_,
      "SELECT chunk, first_item, end_item, attempts, error, exit_code, signal FROM failed"
      " WHERE chunk >= ? ORDER BY chunk LIMIT ?");
  rows.bind(chunk, most);
  Ascending chunks(database_, static_cast<std::int64_t>(chunk) - 1);
  while (rows.step()) {
    chunks.next(rows.integer(0));
    failures.push_back({rows.count(0), rows.count(1), rows.count(2), rows.count(3), rows.text(4),
                        end_in(rows, 5, 6)});
  }
  return failures;
}

std::vector<JournalRunning> JournalReader::running() {
  std::vector<JournalRunning> all;
  Statement rows(database_,
                 "SELECT id, first, past, attempt, worker, host, since FROM running ORDER BY id");
  Ascending ids(database_);
  while (rows.step()) {
    ids.next(rows.integer(0));
    all.push_back(
        {rows.count(1), rows.count(2), rows.count(3), rows.count(4), rows.text(5), rows.real(6)});
  }
  return all;
}

std::vector<JournalAttempt> JournalReader::attempts_after(std::int64_t id, std::uint64_t most) {
  std::vector<JournalAttempt> attempts;
  Statement rows(database_,
                 "SELECT id, session, first, past, attempt, worker, host, started, busy_seconds,"
                 " outcome, error, exit_code, signal, peak_memory_bytes FROM attempt WHERE id > ? "
                 "ORDER BY id LIMIT ?");
  rows.bind(id, most);
  Ascending ids(database_, id);
  while (rows.step()) {
    ids.next(rows.integer(0));
    attempts.push_back({rows.integer(0), rows.integer(1), rows.count(2), rows.count(3),
                        rows.count(4), rows.count(5), rows.text(6), rows.real(7), rows.real(8),
                        rows.text(9), rows.text(10), end_in(rows, 11, 12),
                        rows.is_null(13) ? std::nullopt : std::optional(rows.count(13))});
  }
  return attempts;
}

}  // namespace taskrun
