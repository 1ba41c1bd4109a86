// SPDX-License-Identifier: MIT
// Journals that others made, or made up: who looks changes nothing, waits for nobody, and comes to
// an end.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "journal_runs.hpp"
#include "taskrun/journal/journal_file.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;

class ForeignJournalTest : public ::testing::Test {
 protected:
  // Some hundred pages, most of them of attempts.
  void write_long() const {
    Wakeup wakeup;
    SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
    journal.begin(hundred_chunks, {});
    Records records;
    for (std::uint64_t i = 0; i < 3000; ++i) {
      records.attempts.push_back({.chunks = {i, i + 1}, .host = "here", .started = steady_now()});
    }
    journal.record(std::move(records));
    journal.end({Verdict::stopped, 75, ""});
  }
  // As a run leaves them that is killed while it writes.
  void write_cut_off() const {
    write_journal(whole, {{0, 50}});
    Database database(whole, Database::Access::change);
    database.run("PRAGMA cache_size=1");
    database.run("PRAGMA synchronous=OFF");
    database.run("BEGIN IMMEDIATE");
    database.run("UPDATE piece SET past = past + 1");
    database.run("UPDATE session SET pid = 1");
    fs::copy_file(whole, path);
    fs::copy_file(rollback_file(whole), rollback_file(path));
    ASSERT_NE(file_content(path), before(database));
  }
  std::string before(Database& database) const {
    database.run("ROLLBACK");
    return file_content(whole);
  }
  // What SQLite appends where several files change together.
  static std::string naming(const std::string& name) {
    std::uint32_t sum = 0;
    for (const char c : name) sum += static_cast<std::uint32_t>(c);
    const auto big_endian = [](std::uint32_t number) {
      std::string bytes;
      for (int shift = 24; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(number >> shift & 0xff);
      }
      return bytes;
    };
    return big_endian((1 << 30) / 4096 + 1) + name +
           big_endian(static_cast<std::uint32_t>(name.size())) + big_endian(sum) +
           std::string("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  }

  template <class Action>
  void expect_refused(const char* said, Action action) const {
    try {
      action();
      ADD_FAILURE() << "not refused: " << said;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
    }
  }
  void expect_refused_by_all(const char* said) const {
    expect_refused(said, [&] { const JournalReader reader(path); });
    expect_refused(said, [&] { resume_journal(path); });
  }

  const ScratchFolder folder{ScratchFolder::On::memory};
  const std::string path = folder.file("run.journal");
  const std::string whole = folder.file("whole.journal");
};

TEST_F(ForeignJournalTest, looking_undoes_a_cut_off_write_in_a_copy_only) {
  write_cut_off();
  const std::string file = file_content(path);
  const std::string beside = file_content(rollback_file(path));
  JournalReader reader(path);
  EXPECT_NE(reader.sessions().at(0).pid, 1);
  EXPECT_EQ(file_content(path), file);
  EXPECT_EQ(file_content(rollback_file(path)), beside);
  EXPECT_EQ(resume_journal(path), expected_pieces({{0, 50}}));
}

TEST_F(ForeignJournalTest, a_rollback_journal_that_names_another_file_is_refused) {
  write_cut_off();
  const std::string victim = folder.file("victim");
  put_file(victim, "dear diary");
  std::ofstream(rollback_file(path), std::ios::app | std::ios::binary) << naming(victim);
  expect_refused_by_all("names another file");
  EXPECT_EQ(file_content(victim), "dear diary");
}

TEST_F(ForeignJournalTest, nobody_waits_for_a_pipe) {
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  expect_refused_by_all("not a regular file");
  fs::remove(path);
  write_journal(path, {{0, 50}});
  ASSERT_EQ(mkfifo(rollback_file(path).c_str(), 0600), 0);
  expect_refused_by_all("not a regular file");
}

TEST_F(ForeignJournalTest, a_link_beside_a_journal_is_not_followed) {
  write_journal(path, {{0, 50}});
  fs::create_symlink(whole, rollback_file(path));
  expect_refused_by_all("not a regular file");
}

TEST_F(ForeignJournalTest, other_tables_are_refused) {
  write_journal(path, {{0, 50}});
  const std::string journal = file_content(path);
  for (const char* change :
       {"ALTER TABLE attempt ADD COLUMN x AS (zeroblob(1000000000))",
        "ALTER TABLE event RENAME COLUMN text TO words", "CREATE INDEX i ON event(text)",
        "CREATE TABLE more(x)", "DROP TABLE input", "CREATE VIEW v AS SELECT 1"}) {
    SCOPED_TRACE(change);
    put_file(path, journal);
    Database(path, Database::Access::change).run(change);
    expect_refused_by_all("tables");
  }
  put_file(path, journal);
  Database(path, Database::Access::change).run("PRAGMA journal_mode=WAL");
  const std::string with_log = file_content(path);
  expect_refused_by_all("write-ahead log");
  EXPECT_EQ(file_content(path), with_log);
}

// However it is cut, or its pages are mixed up.
TEST_F(ForeignJournalTest, every_reader_ends) {
  write_long();
  const std::string content = file_content(path);
  ASSERT_GT(content.size(), 100'000U);
  constexpr std::size_t page = 4096;
  std::vector<std::string> damaged;
  for (const std::size_t size : {70'000, 65'536, 40'960, 100'000}) {
    damaged.push_back(content.substr(0, size));
  }
  for (std::size_t at = page; at + 2 * page <= content.size(); at += page) {
    std::string swapped = content;
    swapped.replace(at, page, content, at + page, page);
    damaged.push_back(swapped);
  }
  for (const std::string& bytes : damaged) {
    put_file(path, bytes);
    std::uint64_t count = 0;
    try {
      JournalReader reader(path);
      reader.sessions();
      reader.failures_from(0, 100);
      std::int64_t last = 0;
      for (auto some = reader.attempts_after(0, 500); !some.empty() && count < 10'000;
           some = reader.attempts_after(last, 500)) {
        count += some.size();
        last = some.back().id;
      }
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("damaged"), std::string::npos) << error.what();
    }
    EXPECT_LT(count, 10'000U);
  }
}

TEST_F(ForeignJournalTest, who_else_could_have_written_it_is_known) {
  write_journal(path, {{0, 50}});
  EXPECT_EQ(other_author(path), std::nullopt);
  fs::permissions(path, fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(other_author(path), "anybody");
}

}  // namespace
}  // namespace taskrun::testing
