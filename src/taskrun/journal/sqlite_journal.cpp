// SPDX-License-Identifier: MIT
#include "taskrun/journal/sqlite_journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/journal/journal_file.hpp"
#include "taskrun/journal/journal_reader.hpp"
#include "taskrun/os/host_name.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

Error cannot_open(const fs::path& path, int error) {
  return environment_error(system_failure_text("write the journal " + path.string(), error));
}

Error already_there(Database& database, const std::string& resume_command) {
  const std::string path = database.path().string();
  try {
    expect_journal(database);
  } catch (const Error&) {
    return usage_error(path + " is there and is no journal; name another file");
  }
  return usage_error("the journal " + path + " already holds a run; continue it with '" +
                     resume_command + "', or name another file");
}

InputIdentity recorded_identity(const Fingerprint& recorded) {
  const bool content = std::any_of(recorded.begin(), recorded.end(), [](const Fact& fact) {
    return fact.kind == Fact::Kind::option && fact.name == "hash-inputs";
  });
  return content ? InputIdentity::content : InputIdentity::size_and_time;
}

}  // namespace

SqliteJournal::SqliteJournal(JournalOptions options, Wakeup& wakeup)
    : options_(std::move(options)), wakeup_(wakeup), fingerprint_(options_.fingerprint) {
  expect_journal_file(options_.path);
  open_file();
  try {
    prepare();
  } catch (const Error&) {
    if (created_) unlink(options_.path.c_str());
    throw;
  }
}

SqliteJournal::~SqliteJournal() {
  writer_.reset();
  // Before the lock goes: nobody else has begun to use it.
  if (created_ && !begun_) unlink(options_.path.c_str());
  database_.reset();
}

// --- opening

void SqliteJournal::open_file() {
  const char* path = options_.path.c_str();
  Descriptor file(open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!file.open() && errno == ENOENT && options_.start == JournalStart::resumed) {
    throw usage_error("there is no journal " + options_.path.string() +
                      " to resume; leave out --resume to begin one");
  }
  if (!file.open() && errno == ENOENT) {
    file.reset(open(path, O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL, 0666));
    created_ = file.open();
  }
  if (!file.open()) throw cannot_open(options_.path, errno);
  auto lock = JournalLock::take(std::move(file), options_.path);
  if (!lock) refuse_second_run();
  lock_.emplace(std::move(*lock));
}

void SqliteJournal::refuse_second_run() const {
  std::string holder = "another run that just begins";
  try {
    const auto sessions = JournalReader(options_.path).sessions();
    if (!sessions.empty()) {
      holder = "another run, on host " + sessions.back().host + " (pid " +
               std::to_string(sessions.back().pid) + ")";
    }
  } catch (const Error&) {
    // Whatever it is, it is in use.
  }
  throw environment_error("the journal " + options_.path.string() + " is in use by " + holder +
                          "; wait for it, or end it first");
}

void SqliteJournal::prepare() {
  database_.emplace(options_.path, Database::Access::change,
                    Database::Names{options_.path, options_.resume_command});
  if (options_.start == JournalStart::resumed) {
    if (is_empty(*database_)) {
      throw usage_error("the journal " + options_.path.string() +
                        " is empty: nothing was recorded in it; leave out --resume to begin one");
    }
    expect_journal(*database_);
    expect_sound(*database_);
    fingerprint_ = read_fingerprint(*database_);
  } else if (!is_empty(*database_)) {
    throw already_there(*database_, options_.resume_command);
  }
  // Not the write-ahead log: it needs memory that is shared by all who look at the file, which
  // other hosts cannot share, and leaves two files more. The rollback journal beside the file is
  // made invalid at the end of each transaction, with a sync, so that a transaction is durable when
  // its commit returns. It keeps its size: then no sync has to wait for the file system's own
  // records.
  database_->run("PRAGMA journal_mode=PERSIST");
  database_->run("PRAGMA synchronous=FULL");
}

// --- beginning

void SqliteJournal::begin(const Grid& grid, const std::vector<InputFile>& inputs) {
  TASKRUN_EXPECT(!begun_);
  if (grid.chunk_count() > INT64_MAX && !grid.is_open_ended()) {
    throw usage_error("a journal holds at most 2^63-1 chunks; give larger chunks");
  }
  grid_ = grid;
  const bool resumed = options_.start == JournalStart::resumed;
  const auto identity = resumed ? recorded_identity(fingerprint_) : options_.inputs;
  Fingerprint present = options_.fingerprint;
  add_grid(present, grid);
  add_inputs(present, inputs, identity);
  const bool keeps = resumed ? keeps_secrets(fingerprint_) : options_.secrets == Secrets::kept;
  if (keeps) present = with_secrets(std::move(present));
  if (resumed) {
    if (const std::string text = differences(fingerprint_, present); !text.empty()) {
      throw usage_error("the journal " + options_.path.string() + " is of another run: " + text);
    }
    expect_same_secrets(present);
    begin_resumed();
  } else {
    if (identity == InputIdentity::content) {
      present.push_back({Fact::Kind::option, "hash-inputs", "yes"});
    }
    add_secrets_digest(present);
    fingerprint_ = std::move(present);
    begin_fresh();
  }
  session_.run = checksum(fingerprint_);
  session_.secrets = options_.secrets;
  begun_ = true;
}

void SqliteJournal::expect_same_secrets(const Fingerprint& present) {
  bool same = false;
  try {
    same = have_same_secrets(fingerprint_, present);
  } catch (const CorruptData& error) {
    throw database_->damaged(error.what());
  }
  if (same) return;
  throw usage_error("the journal " + options_.path.string() +
                    " is of another run: a secret in the arguments, which it masks as ***, was "
                    "another");
}

void SqliteJournal::begin_fresh() {
  Transaction transaction(*database_);
  create_tables(*database_);
  write_fingerprint(*database_, fingerprint_);
  session_.id = add_session();
  transaction.commit();
}

void SqliteJournal::begin_resumed() {
  Transaction transaction(*database_);
  session_.id = add_session();
  database_->run("DELETE FROM failed");
  database_->run("DELETE FROM running");
  transaction.commit();
}

std::int64_t SqliteJournal::add_session() {
  Statement(*database_,
            "INSERT INTO session(started, host, pid, ranks, program) VALUES(?, ?, ?, ?, ?)")
      .bind(unix_now(), host_name(), static_cast<std::int64_t>(getpid()), options_.rank_count,
            options_.program)
      .run();
  return sqlite3_last_insert_rowid(database_->handle());
}

// --- what earlier runs left

InputState SqliteJournal::input() const {
  const std::lock_guard lock(database_mutex_);
  return read_input(*database_).value_or(InputState{});
}

void SqliteJournal::restore(const Restore& restore) {
  TASKRUN_EXPECT(begun_ && !writer_);
  std::vector<std::int64_t> damaged;
  std::uint64_t next = 0;
  Statement pieces(*database_, "SELECT first, past, checksum, payload FROM piece ORDER BY first");
  while (pieces.step()) {
    const ChunkRange chunks{pieces.count(0), pieces.count(1)};
    const ByteView payload = pieces.bytes(3);
    if (chunks.begin < next || chunks.end <= chunks.begin || chunks.end > grid_.chunk_count() ||
        pieces.count(2) != piece_checksum(session_.run, chunks, payload)) {
      damaged.push_back(pieces.integer(0));
      continue;
    }
    next = chunks.end;
    session_.items_before += grid_.items(chunks).size();
    restore(chunks, payload);
  }
  pieces.reset();
  remove_damaged(damaged);
}

// What takes their place may be cut otherwise.
void SqliteJournal::remove_damaged(const std::vector<std::int64_t>& damaged) {
  damaged_count_ = damaged.size();
  if (damaged.empty()) return;
  Transaction transaction(*database_);
  Statement remove(*database_, "DELETE FROM piece WHERE first = ?");
  for (const std::int64_t first : damaged) remove.bind(first).run();
  transaction.commit();
}

Bytes SqliteJournal::read(ChunkRange chunks) const {
  const std::lock_guard lock(database_mutex_);
  Statement piece(*database_, "SELECT checksum, payload FROM piece WHERE first = ? AND past = ?");
  piece.bind(chunks.begin, chunks.end);
  if (piece.step()) {
    const ByteView payload = piece.bytes(1);
    if (piece.count(0) == piece_checksum(session_.run, chunks, payload)) {
      return {payload.begin(), payload.end()};
    }
  }
  throw environment_error("the journal " + options_.path.string() +
                          " was damaged while it was read; resume it again");
}

// --- the run

GroupCommit& SqliteJournal::writer() {
  TASKRUN_EXPECT(begun_);
  if (!writer_) {
    writer_ = std::make_unique<GroupCommit>(*database_, database_mutex_, session_, wakeup_);
  }
  return *writer_;
}

void SqliteJournal::end(const SessionEnd& end) {
  if (!begun_) return;
  if (writer_ && !writer_->finish(options_.close_deadline)) {
    hangs_ = true;
    throw environment_error("the journal " + options_.path.string() +
                            " could not be closed: its disk does not answer; what was durable "
                            "before is kept");
  }
  writer_.reset();
  Statement(*database_,
            "UPDATE session SET ended = ?, verdict = ?, exit_code = ?, reason = ? WHERE id = ?")
      .bind(unix_now(), name_of(end.verdict), end.exit_code,
            shown_with(options_.secrets, end.reason), session_.id)
      .run();
  // Removes the file beside it: what is left is one.
  database_->run("PRAGMA journal_mode=DELETE");
  database_.reset();
}

}  // namespace taskrun
