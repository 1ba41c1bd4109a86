// SPDX-License-Identifier: MIT
#include "taskrun/journal/sqlite_journal.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "journal_runs.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;

class SqliteJournalTest : public ::testing::Test {
 protected:
  void expect_refused(JournalStart start, ExitCode code, const std::string& said) {
    expect_error(code, said, [&] {
      SqliteJournal journal(journal_options(path, start), wakeup);
      journal.begin(hundred_chunks, {});
    });
  }

  const ScratchFolder folder{ScratchFolder::On::memory};
  const std::string path = folder.file("run.journal");
  Wakeup wakeup;
};

TEST_F(SqliteJournalTest, what_was_recorded_comes_back_in_order) {
  write_journal(path, {{5, 6}, {0, 1}, {8, 16}});
  std::vector<std::uint64_t> begins;
  SqliteJournal journal(journal_options(path, JournalStart::resumed), wakeup);
  journal.begin(hundred_chunks, {});
  journal.restore([&](ChunkRange chunks, ByteView payload) {
    begins.push_back(chunks.begin);
    EXPECT_EQ(text_of(payload), payload_of(chunks));
  });
  EXPECT_EQ(begins, (std::vector<std::uint64_t>{0, 5, 8}));
}

TEST_F(SqliteJournalTest, a_merged_piece_takes_the_place_of_those_in_it) {
  write_journal(path, {{0, 1}, {1, 2}, {2, 4}, {4, 5}, {0, 4}});
  EXPECT_EQ(resume_journal(path), expected_pieces({{0, 4}, {4, 5}}));
}

TEST_F(SqliteJournalTest, an_empty_payload_is_a_piece_too) {
  {
    SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
    journal.begin(hundred_chunks, {});
    Records records;
    records.pieces.push_back({{3, 4}, {}});
    journal.record(std::move(records));
    journal.end({Verdict::stopped, 75, ""});
  }
  const auto restored = resume_journal(path);
  EXPECT_EQ(restored, (Restored{{{3, 4}, ""}}));
}

TEST_F(SqliteJournalTest, what_is_durable_survives_a_run_that_is_not_ended) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
    journal.begin(hundred_chunks, {});
    for (std::uint64_t i = 0; i < 5; ++i) journal.record(records_of({{i, i + 1}}));
    wait_until_durable(journal, wakeup, 5);
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EXPECT_EQ(resume_journal(path), expected_pieces({{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}));
}

TEST_F(SqliteJournalTest, a_resumed_run_goes_on_where_the_last_ended) {
  write_journal(path, {{0, 1}});
  {
    SqliteJournal journal(journal_options(path, JournalStart::resumed), wakeup);
    journal.begin(hundred_chunks, {});
    restored_from(journal);
    journal.record(records_of({{1, 2}}));
    journal.end({Verdict::stopped, 75, ""});
  }
  EXPECT_EQ(resume_journal(path), expected_pieces({{0, 1}, {1, 2}}));
}

TEST_F(SqliteJournalTest, restored_pieces_can_be_read_again_while_the_run_goes_on) {
  write_journal(path, {{2, 3}});
  SqliteJournal journal(journal_options(path, JournalStart::resumed), wakeup);
  journal.begin(hundred_chunks, {});
  restored_from(journal);
  journal.record(records_of({{7, 8}}));
  EXPECT_EQ(text_of(journal.read({2, 3})), payload_of({2, 3}));
  expect_error(ExitCode::environment, "damaged", [&] { journal.read({4, 5}); });
}

TEST_F(SqliteJournalTest, one_file_is_left_at_the_end) {
  write_journal(path, {{0, 1}});
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST_F(SqliteJournalTest, a_run_that_never_began_leaves_nothing) {
  { const SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup); }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

// --- who may use it

TEST_F(SqliteJournalTest, a_second_run_is_told_who_has_it) {
  SqliteJournal first(journal_options(path, JournalStart::fresh), wakeup);
  first.begin(hundred_chunks, {});
  const std::string holder = "(pid " + std::to_string(getpid()) + ")";
  expect_refused(JournalStart::resumed, ExitCode::environment, holder);
  expect_refused(JournalStart::fresh, ExitCode::environment, holder);
}

TEST_F(SqliteJournalTest, the_lock_goes_with_the_process) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
    journal.begin(hundred_chunks, {});
    if (write(ready[1], "x", 1) != 1) _exit(1);
    while (true) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(JournalReader(path).is_running());
  expect_refused(JournalStart::resumed, ExitCode::environment,
                 "(pid " + std::to_string(child) + ")");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  EXPECT_FALSE(JournalReader(path).is_running());
  EXPECT_EQ(resume_journal(path), Restored{});
}

TEST_F(SqliteJournalTest, a_refused_run_does_not_harm_the_one_that_has_it) {
  SqliteJournal first(journal_options(path, JournalStart::fresh), wakeup);
  first.begin(hundred_chunks, {});
  expect_refused(JournalStart::resumed, ExitCode::environment, "in use by");
  first.record(records_of({{0, 1}}));
  wait_until_durable(first, wakeup, 1);
}

// --- what is refused

TEST_F(SqliteJournalTest, a_fresh_run_does_not_overwrite_another) {
  write_journal(path, {{0, 1}});
  expect_refused(JournalStart::fresh, ExitCode::usage, "mine resume " + path);
  EXPECT_EQ(resume_journal(path), expected_pieces({{0, 1}}));
}

TEST_F(SqliteJournalTest, a_fresh_run_does_not_overwrite_a_file_that_is_no_journal) {
  put_file(path, "dear diary");
  expect_refused(JournalStart::fresh, ExitCode::usage, "no journal");
  EXPECT_EQ(file_content(path), "dear diary");
}

TEST_F(SqliteJournalTest, a_fresh_run_takes_an_empty_file) {
  put_file(path, "");
  write_journal(path, {{0, 1}});
  EXPECT_EQ(resume_journal(path), expected_pieces({{0, 1}}));
}

TEST_F(SqliteJournalTest, resuming_needs_a_journal) {
  expect_refused(JournalStart::resumed, ExitCode::usage, "there is no journal");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST_F(SqliteJournalTest, resuming_refuses_what_is_none) {
  put_file(path, "");
  expect_refused(JournalStart::resumed, ExitCode::usage, "is empty");
  put_file(path, "dear diary");
  expect_refused(JournalStart::resumed, ExitCode::usage, "no journal of taskrun");
  put_file(path, std::string(100'000, 'x'));
  expect_refused(JournalStart::resumed, ExitCode::usage, "no journal of taskrun");
  fs::remove(path);
  fs::create_directory(path);
  expect_refused(JournalStart::resumed, ExitCode::usage, "is a directory");
  expect_refused(JournalStart::fresh, ExitCode::usage, "is a directory");
}

TEST_F(SqliteJournalTest, a_journal_in_no_folder_is_refused) {
  const std::string nowhere = folder.file("no/such/folder");
  expect_error(ExitCode::environment, "No such file", [&] {
    const SqliteJournal journal(journal_options(nowhere, JournalStart::fresh), wakeup);
  });
}

TEST_F(SqliteJournalTest, a_database_that_is_no_journal_is_refused) {
  put_file(path, "");
  Database(path, Database::Access::change).run("CREATE TABLE other(x)");
  expect_refused(JournalStart::resumed, ExitCode::usage, "no journal of taskrun");
  expect_refused(JournalStart::fresh, ExitCode::usage, "is no journal");
}

TEST_F(SqliteJournalTest, a_journal_of_a_newer_version_is_refused) {
  write_journal(path, {{0, 1}});
  Database(path, Database::Access::change).run("PRAGMA user_version=99");
  expect_refused(JournalStart::resumed, ExitCode::usage, "newer taskrun");
  expect_error(ExitCode::usage, "newer taskrun", [&] { const JournalReader reader(path); });
}

TEST_F(SqliteJournalTest, a_journal_of_another_run_is_refused_with_what_differs) {
  write_journal(path, {{0, 1}});
  auto options = journal_options(path, JournalStart::resumed);
  options.fingerprint[1].value = "0.2.0";
  options.fingerprint[2].value = "200";
  expect_error(
      ExitCode::usage,
      "program was 0.1.0, is 0.2.0; parameter items was 100, is 200; chunks was 100, is 50", [&] {
        SqliteJournal journal(options, wakeup);
        journal.begin(chunk_it(100, 50), {});
      });
  EXPECT_EQ(resume_journal(path), expected_pieces({{0, 1}}));
}

TEST_F(SqliteJournalTest, options_of_the_run_may_differ) {
  write_journal(path, {{0, 1}});
  auto options = journal_options(path, JournalStart::resumed);
  options.fingerprint.pop_back();
  SqliteJournal journal(options, wakeup);
  EXPECT_NO_THROW(journal.begin(hundred_chunks, {}));
}

// --- what a journal tells

TEST_F(SqliteJournalTest, everything_recorded_can_be_looked_at) {
  {
    SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
    journal.begin(hundred_chunks, {});
    Records records = records_of({{0, 10}});
    records.attempts.push_back({{0, 10},
                                2,
                                3,
                                "far",
                                steady_now(),
                                std::chrono::milliseconds(1500),
                                AttemptOutcome::failed,
                                "why"});
    records.attempts.back().memory_bytes = 1'000'000;
    records.attempts.push_back({{10, 11}, 1, 3, "far", steady_now()});
    records.failed.push_back({11, 11, 12, 3, "never"});
    records.events.push_back({Level::warning, "a thing"});
    records.events.push_back({Level::debug, "a detail"});
    records.running = {{{12, 14}, 2, 3, "far", steady_now()}};
    records.progress = Progress{
        10, 1, 100, 10, 100, 4, 8, std::chrono::duration_cast<Duration>(std::chrono::seconds(2))};
    journal.record(std::move(records));
    journal.end({Verdict::chunks_failed, 3, "one chunk failed"});
  }
  JournalReader reader(path);
  EXPECT_FALSE(reader.is_running());
  const auto attempts = reader.attempts_after(0, 10);
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[0].peak_memory_bytes, 1'000'000U);
  EXPECT_EQ(attempts[1].peak_memory_bytes, std::nullopt);
  EXPECT_EQ(attempts[0].host, "far");
  EXPECT_EQ(attempts[0].outcome, "failed");
  EXPECT_EQ(attempts[0].error, "why");
  EXPECT_DOUBLE_EQ(attempts[0].busy_seconds, 1.5);
  EXPECT_NEAR(attempts[0].started, unix_now(), 60);
  ASSERT_EQ(reader.failures_from(0, 5).size(), 1U);
  EXPECT_EQ(reader.failures_from(0, 5)[0].error, "never");
  ASSERT_EQ(reader.running().size(), 1U);
  EXPECT_EQ(reader.running()[0].end_chunk, 14U);
  EXPECT_EQ(reader.running()[0].host, "far");
  EXPECT_NEAR(reader.running()[0].since, unix_now(), 60);
  ASSERT_TRUE(reader.last_event());
  EXPECT_EQ(reader.last_event()->text, "a thing");
  ASSERT_TRUE(reader.progress());
  EXPECT_DOUBLE_EQ(reader.progress()->items_per_second(), 5);
  ASSERT_TRUE(reader.progress()->seconds_left());
  EXPECT_DOUBLE_EQ(*reader.progress()->seconds_left(), 18);
  const auto sessions = reader.sessions();
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].pid, getpid());
  EXPECT_EQ(sessions[0].verdict, Verdict::chunks_failed);
  EXPECT_EQ(sessions[0].exit_code, 3);
}

TEST_F(SqliteJournalTest, failed_chunks_are_tried_again_and_forgotten) {
  {
    SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
    journal.begin(hundred_chunks, {});
    Records records;
    records.failed.push_back({11, 11, 12, 3, "never"});
    journal.record(std::move(records));
    journal.end({Verdict::chunks_failed, 3, ""});
  }
  resume_journal(path);
  EXPECT_TRUE(JournalReader(path).failures_from(0, 5).empty());
}

TEST_F(SqliteJournalTest, the_rate_counts_what_this_start_has_done) {
  write_journal(path, {{0, 50}});
  {
    SqliteJournal journal(journal_options(path, JournalStart::resumed), wakeup);
    journal.begin(hundred_chunks, {});
    restored_from(journal);
    Records records;
    records.progress = Progress{
        60, 0, 100, 60, 100, 1, 1, std::chrono::duration_cast<Duration>(std::chrono::seconds(5))};
    records.pieces.push_back(piece_of({50, 60}));
    journal.record(std::move(records));
    journal.end({Verdict::stopped, 75, ""});
  }
  EXPECT_DOUBLE_EQ(JournalReader(path).progress()->items_per_second(), 2);
}

TEST_F(SqliteJournalTest, one_whose_structure_is_damaged_is_refused_before_anything_is_done) {
  {
    SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
    journal.begin(hundred_chunks, {});
    for (std::uint64_t i = 0; i < 60; ++i) {
      Records records;
      records.pieces.push_back({{i, i + 1}, Bytes(3000)});
      journal.record(std::move(records));
    }
    journal.end({Verdict::stopped, 75, ""});
  }
  // A page in the middle: what is read first is whole.
  std::string content = file_content(path);
  content.replace(content.size() / 2 / 4096 * 4096, 4096, std::string(4096, '\x55'));
  put_file(path, content);
  expect_error(ExitCode::environment, "is damaged", [&] {
    SqliteJournal journal(journal_options(path, JournalStart::resumed), wakeup);
  });
}

TEST_F(SqliteJournalTest, a_run_can_be_looked_at_while_it_goes_on) {
  SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
  journal.begin(hundred_chunks, {});
  for (std::uint64_t i = 0; i < 100; ++i) {
    Records records = records_of({{i, i + 1}});
    records.progress = Progress{i + 1, 0, 100, i + 1, 100, 1, 1, {}};
    journal.record(std::move(records));
    const auto progress = JournalReader(path).progress();
    if (progress) {
      EXPECT_LE(progress->chunks_done, i + 1);
    }
  }
  wait_until_durable(journal, wakeup, 100);
  EXPECT_EQ(JournalReader(path).progress()->chunks_done, 100U);
}

}  // namespace
}  // namespace taskrun::testing
