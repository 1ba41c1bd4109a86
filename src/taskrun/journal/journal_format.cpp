// SPDX-License-Identifier: MIT
#include "taskrun/journal/journal_format.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

#include "taskrun/core/error.hpp"
#include "taskrun/journal/journal_file.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

// Says to file(1) and to us that the database is a journal: "Trun".
constexpr std::int64_t application_id = 0x5472756e;
// Raised when an older program would misread the tables.
constexpr std::int64_t format_version = 4;

// Times are seconds since 1970. Counts of 64 bits lie as they are: those above 2^63 look negative.
constexpr const char* tables[] = {
    // Who the run is; run.checksum is that of all facts.
    "CREATE TABLE run(checksum INTEGER NOT NULL)",
    "CREATE TABLE fact(kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL)",
    // Partials of the chunks [first, past), disjoint; a larger one replaces those in it.
    "CREATE TABLE piece(first INTEGER PRIMARY KEY, past INTEGER NOT NULL,"
    " checksum INTEGER NOT NULL, payload BLOB NOT NULL)",
    // Of an open-ended run one row: what was read when the last piece was recorded, or more.
    "CREATE TABLE input(id INTEGER PRIMARY KEY, items INTEGER NOT NULL, digest INTEGER NOT NULL,"
    " ended INTEGER NOT NULL)",
    "CREATE TABLE failed(chunk INTEGER PRIMARY KEY, first_item INTEGER NOT NULL,"
    " end_item INTEGER NOT NULL, attempts INTEGER NOT NULL, error TEXT NOT NULL,"
    " exit_code INTEGER, signal INTEGER)",
    "CREATE TABLE attempt(id INTEGER PRIMARY KEY, session INTEGER NOT NULL,"
    " first INTEGER NOT NULL, past INTEGER NOT NULL, attempt INTEGER NOT NULL,"
    " worker INTEGER NOT NULL, host TEXT NOT NULL, started REAL NOT NULL,"
    " busy_seconds REAL NOT NULL, outcome TEXT NOT NULL, error TEXT NOT NULL,"
    " exit_code INTEGER, signal INTEGER, peak_memory_bytes INTEGER)",
    // What slots were at, a moment ago: the oldest.
    "CREATE TABLE running(id INTEGER PRIMARY KEY, first INTEGER NOT NULL, past INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL, worker INTEGER NOT NULL, host TEXT NOT NULL, since REAL NOT NULL)",
    "CREATE TABLE event(id INTEGER PRIMARY KEY, session INTEGER NOT NULL, time REAL NOT NULL,"
    " level TEXT NOT NULL, text TEXT NOT NULL)",
    // Each start of the run. Without a verdict it goes on, or was killed.
    "CREATE TABLE session(id INTEGER PRIMARY KEY, started REAL NOT NULL, host TEXT NOT NULL,"
    " pid INTEGER NOT NULL, ranks INTEGER NOT NULL, program TEXT NOT NULL, ended REAL,"
    " verdict TEXT, exit_code INTEGER, reason TEXT)",
    // How far each start came; items_before: what it found done.
    "CREATE TABLE progress(session INTEGER PRIMARY KEY, updated REAL NOT NULL,"
    " chunks_done INTEGER NOT NULL, chunks_failed INTEGER NOT NULL,"
    " chunk_count INTEGER NOT NULL, items_done INTEGER NOT NULL, items_before INTEGER NOT NULL,"
    " item_count INTEGER NOT NULL, workers INTEGER NOT NULL, slots INTEGER NOT NULL,"
    " elapsed_seconds REAL NOT NULL)"};

std::optional<Fact::Kind> kind_named(const std::string& name) {
  for (const auto kind :
       {Fact::Kind::job, Fact::Kind::program, Fact::Kind::param, Fact::Kind::grid,
        Fact::Kind::input, Fact::Kind::argument, Fact::Kind::option, Fact::Kind::secrets}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::complete:
      return "complete";
    case Verdict::chunks_failed:
      return "chunks_failed";
    case Verdict::stopped:
      return "stopped";
    case Verdict::failed:
      break;
  }
  return "failed";
}

namespace {

// SQLite obeys what the schema says: computed columns, checks, views. Ours has none.
void expect_our_tables(Database& database) {
  Statement rows(database, "SELECT sql FROM sqlite_schema ORDER BY rowid");
  for (const char* table : tables) {
    if (!rows.step() || rows.text(0) != table) {
      throw database.damaged("its tables are not those of a journal");
    }
  }
  if (rows.step()) throw database.damaged("it has more tables than a journal");
}

}  // namespace

void create_tables(Database& database) {
  for (const char* table : tables) database.run(table);
  database.run(("PRAGMA application_id=" + std::to_string(application_id)).c_str());
  database.run(("PRAGMA user_version=" + std::to_string(format_version)).c_str());
}

bool is_empty(Database& database) { return database.number("PRAGMA page_count") == 0; }

void expect_journal(Database& database) {
  const std::string path = database.path().string();
  if (database.number("PRAGMA application_id") != application_id) {
    throw usage_error(path + " is a database, but no journal of taskrun; name another file");
  }
  const std::int64_t version = database.number("PRAGMA user_version");
  if (version > format_version) {
    throw usage_error("the journal " + path + " was written by a newer taskrun (its format is " +
                      std::to_string(version) + ", this program knows " +
                      std::to_string(format_version) + "); use that one");
  }
  if (version < 1) throw database.damaged("its format is " + std::to_string(version));
  if (version < format_version) {
    throw usage_error("the journal " + path + " was written by an older taskrun (its format is " +
                      std::to_string(version) + ", this program knows " +
                      std::to_string(format_version) + "); use that one");
  }
  expect_our_tables(database);
}

void expect_sound(Database& database) {
  Statement check(database, "PRAGMA quick_check(1)");
  if (!check.step()) throw database.damaged("it cannot be checked");
  if (const std::string found = check.text(0); found != "ok") {
    // The last line of several says what.
    throw database.damaged(found.substr(found.rfind('\n') + 1));
  }
}

namespace {

// Where a write was cut off, it is undone in a copy.
Database open_looking(const fs::path& path) {
  Database database(path, Database::Access::look);
  if (!database.must_be_undone()) return database;
  const JournalCopy copy(path);
  expect_journal_file(copy.path());
  Database undone(copy.path(), Database::Access::change, {path, ""});
  undone.number("SELECT count(*) FROM sqlite_schema");
  return undone;
}

}  // namespace

Database open_journal(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) throw usage_error("there is no journal " + path.string());
    throw environment_error("cannot look at the journal " + path.string() + ": " +
                            system_reason(errno));
  }
  expect_journal_file(path);
  if (access(path.c_str(), R_OK) != 0) {
    throw environment_error("cannot read the journal " + path.string() + ": " +
                            system_reason(errno));
  }
  Database database = open_looking(path);
  if (is_empty(database)) {
    throw usage_error("the journal " + path.string() +
                      " is empty: nothing was recorded in it; begin the run again with --journal");
  }
  expect_journal(database);
  return database;
}

Fingerprint read_fingerprint(Database& database) {
  Fingerprint fingerprint;
  Statement facts(database, "SELECT kind, name, value, rowid FROM fact ORDER BY rowid");
  Ascending rows(database);
  while (facts.step()) {
    rows.next(facts.integer(3));
    const auto kind = kind_named(facts.text(0));
    if (!kind) throw database.damaged("it does not say what run it is of");
    fingerprint.push_back({*kind, facts.text(1), facts.text(2)});
  }
  if (static_cast<std::uint64_t>(database.number("SELECT checksum FROM run")) !=
      checksum(fingerprint)) {
    throw database.damaged("what it says of its run is not what was written");
  }
  return fingerprint;
}

std::optional<InputState> read_input(Database& database) {
  Statement row(database, "SELECT items, digest, ended FROM input");
  if (!row.step()) return std::nullopt;
  return InputState{row.count(0), row.integer(2) != 0, row.count(1)};
}

void write_fingerprint(Database& database, const Fingerprint& fingerprint) {
  Statement fact(database, "INSERT INTO fact VALUES(?, ?, ?)");
  for (const Fact& known : fingerprint) {
    fact.bind(name_of(known.kind), known.name, known.value).run();
  }
  Statement(database, "INSERT INTO run VALUES(?)").bind(checksum(fingerprint)).run();
}

}  // namespace taskrun
