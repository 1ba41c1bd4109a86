// SPDX-License-Identifier: MIT
// journal: a file that is somebody else's. Bytes of it changed (mode 0), rows written by SQL with
// any values and, if asked, with checksums made right again (mode 1); then looked at as `status`
// and `log` do, and restored from as a resumed run does.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "app/cli/command_line.hpp"
#include "app/commands/commands.hpp"
#include "app/program_start.hpp"
#include "input.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/journal/journal_reader.hpp"
#include "taskrun/journal/record_tables.hpp"
#include "taskrun/journal/sqlite_journal.hpp"

namespace {

const std::string path = "/dev/shm/fuzz_journal." + std::to_string(getpid());

// Of 1000 items in 100 chunks: some done, one failed, some attempts and events.
std::string make_seed() {
  using namespace taskrun;
  unlink(path.c_str());
  Wakeup wakeup;
  JournalOptions options;
  options.path = path;
  options.fingerprint = {{Fact::Kind::job, "job", "sum"}, {Fact::Kind::param, "to", "1000"}};
  SqliteJournal journal(options, wakeup);
  journal.begin(Grid(1000, 100), {});
  Records records;
  for (std::uint64_t i = 0; i < 20; ++i) {
    records.pieces.push_back({{2 * i, 2 * i + 2}, Bytes(8 * i, std::byte{1})});
    records.attempts.push_back({.chunks = {2 * i, 2 * i + 2}, .host = "here"});
  }
  records.failed.push_back({50, 500, 510, 3, "never"});
  records.events.push_back({Level::warning, "a thing"});
  records.progress = Progress{40, 1, 100, 400, 1000, 1, 2, std::chrono::seconds(1)};
  journal.record(std::move(records));
  journal.end({Verdict::stopped, 75, ""});
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const std::string& seed() {
  static const std::string bytes = make_seed();
  return bytes;
}

struct Removed {
  ~Removed() { unlink(path.c_str()); }
} removed;

void put(std::string_view bytes) {
  unlink((path + "-journal").c_str());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

const char* const columns[] = {"run.checksum",
                               "fact.kind",
                               "fact.name",
                               "fact.value",
                               "piece.first",
                               "piece.past",
                               "piece.checksum",
                               "piece.payload",
                               "input.items",
                               "input.digest",
                               "input.ended",
                               "failed.chunk",
                               "failed.first_item",
                               "failed.end_item",
                               "failed.attempts",
                               "failed.error",
                               "attempt.id",
                               "attempt.first",
                               "attempt.past",
                               "attempt.attempt",
                               "attempt.worker",
                               "attempt.host",
                               "attempt.started",
                               "attempt.busy_seconds",
                               "attempt.outcome",
                               "attempt.error",
                               "attempt.peak_memory_bytes",
                               "event.time",
                               "event.level",
                               "event.text",
                               "session.started",
                               "session.host",
                               "session.pid",
                               "session.ranks",
                               "session.program",
                               "session.ended",
                               "session.verdict",
                               "session.exit_code",
                               "session.reason",
                               "progress.updated",
                               "progress.chunks_done",
                               "progress.chunks_failed",
                               "progress.chunk_count",
                               "progress.items_done",
                               "progress.items_before",
                               "progress.item_count",
                               "progress.elapsed_seconds"};

void write_rows(fuzz::Input& in) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path.c_str(), &db) == SQLITE_OK) {
    sqlite3_exec(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; BEGIN", nullptr, nullptr,
                 nullptr);
    for (int i = 0; i < 16 && !in.empty(); ++i) {
      const std::string column = columns[in.byte() % std::size(columns)];
      const auto dot = column.find('.');
      const unsigned how = in.byte();
      const std::string table = column.substr(0, dot);
      const std::string name = column.substr(dot + 1);
      const std::string sql = "UPDATE OR IGNORE " + table + " SET " + name +
                              "=? WHERE rowid IN (SELECT rowid FROM " + table + " LIMIT 1 OFFSET " +
                              std::to_string((how >> 3) % 8) + ")";
      sqlite3_stmt* statement = nullptr;
      if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) continue;
      const auto number = static_cast<sqlite3_int64>(in.number());
      double real;
      std::memcpy(&real, &number, sizeof real);
      const auto text = how % 8 > 3 ? in.until('\n') : std::string_view();
      if (how % 8 == 0) sqlite3_bind_int64(statement, 1, number);
      if (how % 8 == 1) sqlite3_bind_int64(statement, 1, number % 300);
      if (how % 8 == 2) sqlite3_bind_double(statement, 1, real);
      if (how % 8 == 4 || how % 8 == 5) {
        sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
      }
      if (how % 8 > 5) {
        sqlite3_bind_blob(statement, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
      }
      sqlite3_step(statement);
      sqlite3_finalize(statement);
    }
    sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  }
  sqlite3_close(db);
}

// As somebody would who wants to be believed.
void make_checksums_right() {
  using namespace taskrun;
  Database database(path, Database::Access::change);
  Fingerprint facts;
  {
    Statement rows(database, "SELECT kind, name, value FROM fact ORDER BY rowid");
    while (rows.step()) {
      Fact::Kind kind = Fact::Kind::job;
      for (int k = 0; k < 7; ++k) {
        if (rows.text(0) == name_of(static_cast<Fact::Kind>(k))) kind = static_cast<Fact::Kind>(k);
      }
      facts.push_back({kind, rows.text(1), rows.text(2)});
    }
  }
  const std::uint64_t run = checksum(facts);
  Statement(database, "UPDATE run SET checksum=?").bind(run).run();
  std::vector<std::pair<std::int64_t, std::uint64_t>> sums;
  {
    Statement rows(database, "SELECT first, past, payload FROM piece");
    while (rows.step()) {
      sums.emplace_back(rows.integer(0),
                        piece_checksum(run, {rows.count(0), rows.count(1)}, rows.bytes(2)));
    }
  }
  Transaction transaction(database);
  Statement update(database, "UPDATE piece SET checksum=? WHERE first=?");
  for (const auto& [first, sum] : sums) update.bind(sum, first).run();
  transaction.commit();
}

void resume() {
  using namespace taskrun;
  Wakeup wakeup;
  JournalOptions options;
  options.path = path;
  options.start = JournalStart::resumed;
  Grid grid(1000, 100);
  {
    for (const Fact& fact : JournalReader(path).fingerprint()) {
      if (fact.kind == Fact::Kind::grid && fact.value == open_ended) grid = Grid::open_ended();
      if (fact.kind != Fact::Kind::grid && fact.kind != Fact::Kind::input) {
        options.fingerprint.push_back(fact);
      }
    }
  }
  SqliteJournal journal(options, wakeup);
  journal.begin(grid, {});
  static_cast<void>(journal.input());
  std::vector<ChunkRange> all;
  journal.restore([&](ChunkRange chunks, ByteView) { all.push_back(chunks); });
  std::uint64_t next = 0;
  for (const ChunkRange chunks : all) {
    FUZZ_REQUIRE(next <= chunks.begin && chunks.begin < chunks.end);
    FUZZ_REQUIRE(chunks.end <= grid.chunk_count());
    next = chunks.end;
  }
  for (const ChunkRange chunks : all) static_cast<void>(journal.read(chunks));
  journal.end({Verdict::stopped, 75, ""});
}

/// As the program runs a command that reads the journal; what it writes goes nowhere.
void look(std::vector<std::string> arguments) {
  static const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  static const taskrun::Registry no_jobs;
  arguments.insert(arguments.begin() + 1, path);
  const auto line = parse_command_line(arguments, taskrun::all_commands(), no_jobs);
  taskrun::ProgramStart start;
  start.streams.out = nowhere;
  line->action->run(*line, start);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const unsigned mode = in.byte();
  try {
    if (mode % 4 == 0) {
      // Some bytes of the file are others.
      std::string bytes = seed();
      while (!in.empty() && !bytes.empty()) {
        const std::size_t at = in.number() % bytes.size();
        const unsigned how = in.byte();
        if (how == 255)
          bytes.resize(at);
        else if (how > 200)
          bytes.replace(at, std::min<std::size_t>(how - 200, bytes.size() - at), how - 200, '\xff');
        else
          bytes[at] = static_cast<char>(in.byte());
      }
      put(bytes);
    } else {
      put(seed());
      write_rows(in);
      if (mode % 4 > 1) make_checksums_right();
    }
    if (mode & 0x40) {
      look({"status"});
      look({"log"});
    } else {
      look({"status", "--json"});
      look({"log", "--json"});
    }
    look({"log", "--failed"});
  } catch (const Error&) {
  }
  try {
    resume();
  } catch (const Error&) {
  }
  return 0;
}
