// SPDX-License-Identifier: MIT
// Runs that keep a journal: killed, resumed, looked at, refused.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "launched_run.hpp"
#include "program_runs.hpp"
#include "sanitized.hpp"
#include "scratch_folder.hpp"
#include "taskrun/journal/journal_reader.hpp"
#include "taskrun/journal/record_tables.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class JournalRunTest : public ::testing::Test {
 protected:
  std::string file(const char* name) const { return folder.file(name); }

  // Chunks enough for some seconds: what a test does meanwhile is done long before.
  Words weave() const {
    return {"weave",          "--items", "200",         "--chunks",   "200",
            "--milliseconds", "40",      "--mark-file", file("marks")};
  }
  static std::string woven() {
    return run_program(0,
                       {"weave", "--items", "200", "--chunks", "200", "--milliseconds", "0", "-q"})
        .out;
  }
  Words with_journal(Words words) const {
    words.insert(words.end(), {"--journal", journal, "--progress", "off"});
    if (std::find(words.begin(), words.end(), "--threads") == words.end()) {
      words.insert(words.end(), {"--threads", "2"});
    }
    return words;
  }

  json status() const {
    const auto ended = run_program(0, {"status", journal, "--json"});
    return ended.exit_code == 0 ? json::parse(ended.out) : json();
  }
  // Until so many chunks are safe, and the run was started so many times.
  json wait_for_chunks(std::uint64_t count, std::size_t starts = 1) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      const json told = fs::exists(journal) ? status() : json();
      if (told.is_object() && told["chunks_done"] >= count && told["start_count"] == starts) {
        return told;
      }
      poll(nullptr, 0, 5);
    }
    ADD_FAILURE() << "the run does not get there";
    return {};
  }
  // What the journal says was done when the run was killed.
  std::uint64_t run_and_kill(int ranks, const Words& words, std::uint64_t chunks) const {
    LaunchedRun run(command(ranks, test_program, with_journal(words)));
    wait_for_chunks(chunks);
    kill(ranks == 0 ? run.supervisor() : run.rank(0), SIGKILL);
    run.wait();
    return status()["chunks_done"];
  }

  static void expect_output(const Ended& ended, const std::string& out) {
    EXPECT_FALSE(ended.timed_out);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.out, out) << ended.err;
  }
  std::size_t mark_count() const {
    const std::string marks = file_content(file("marks"));
    return static_cast<std::size_t>(std::count(marks.begin(), marks.end(), '\n'));
  }

  const ScratchFolder folder;
  const std::string journal = folder.file("run.journal");
};

// --- what is done stays done

class ResumedTest : public JournalRunTest, public ::testing::WithParamInterface<Words> {};

TEST_P(ResumedTest, a_killed_run_gives_the_same_line_and_repeats_nothing_that_was_done) {
  const auto done = run_and_kill(0, weave(), 40);
  const std::size_t before = mark_count();
  Words words{"resume", journal, "-q"};
  words.insert(words.end(), GetParam().begin(), GetParam().end());
  expect_output(run_program(0, words), woven());
  EXPECT_LE(mark_count() - before, 200 - done);
  EXPECT_EQ(status()["verdict"], "complete");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);
}

INSTANTIATE_TEST_SUITE_P(with, ResumedTest,
                         ::testing::Values(Words{},
                                           Words{"--threads", "5", "--schedule", "dynamic"},
                                           Words{"--threads", "1", "--schedule", "static"},
                                           Words{"--retries", "0", "--credit", "3"}));

TEST_F(JournalRunTest, a_run_killed_again_and_again_gets_there) {
  // Slow enough that none of them is done before it is killed.
  const Words slow = with_journal({"weave", "--items", "200", "--chunks", "200", "--milliseconds",
                                   "50", "--mark-file", file("marks"), "--threads", "1"});
  for (const std::size_t start : {1, 2, 3, 4}) {
    LaunchedRun run(command(0, test_program,
                            start == 1 ? slow : Words{"resume", journal, "-q", "--threads", "1"}));
    wait_for_chunks(10 * start, start);
    kill(run.supervisor(), SIGKILL);
    run.wait();
  }
  expect_output(run_program(0, {"resume", journal, "-q", "--threads", "8"}), woven());
  EXPECT_EQ(status()["start_count"], 5);
}

TEST_F(JournalRunTest, the_whole_command_line_resumes_too) {
  run_and_kill(0, weave(), 20);
  Words words = with_journal(weave());
  words.insert(words.end(), {"--resume", "-q"});
  expect_output(run_program(0, words), woven());
}

TEST_F(JournalRunTest, a_complete_run_is_told_again_without_computing) {
  expect_output(run_program(0, with_journal({"float_sum", "--items", "1e5", "-q"})),
                run_program(0, {"float_sum", "--items", "1e5", "-q"}).out);
  const auto again = run_program(0, {"resume", journal, "-q", "--json", file("out.json")});
  expect_output(again, run_program(0, {"float_sum", "--items", "1e5", "-q"}).out);
  EXPECT_EQ(json::parse(file_content(file("out.json")))["account"]["chunks_computed"], 0);
}

TEST_F(JournalRunTest, emitted_lines_are_complete_and_in_order_after_a_kill) {
  const Words lines{"lines", "--items", "200000", "--chunks", "200", "--milliseconds", "10"};
  run_and_kill(0, lines, 40);
  const auto resumed = run_program(0, {"resume", journal, "-q"});
  EXPECT_TRUE(resumed.out == run_program(0, {"lines", "--items", "200000", "-q"}).out);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  const auto again = run_program(0, {"resume", journal, "-q"});
  EXPECT_TRUE(again.out == resumed.out);
}

TEST_F(JournalRunTest, a_reader_that_leaves_can_come_back) {
  const Words lines{"lines", "--items", "300000", "--chunks", "100", "--milliseconds", "2"};
  Command c = command(0, test_program, with_journal(lines));
  c.out = Command::Out::pipe_head;
  EXPECT_EQ(run(c).exit_code, 0);
  EXPECT_EQ(status()["verdict"], "stopped");
  const auto resumed = run_program(0, {"resume", journal, "-q"});
  EXPECT_TRUE(resumed.out == run_program(0, {"lines", "--items", "300000", "-q"}).out);
}

TEST_F(JournalRunTest, failed_chunks_are_told_and_tried_again) {
  const auto ended =
      run_program(0, with_journal({"failing", "--fail-always", "3", "--retries", "1", "-q"}));
  EXPECT_EQ(ended.exit_code, 3);
  const json told = status();
  EXPECT_EQ(told["verdict"], "chunks_failed");
  EXPECT_EQ(told["exit_code"], 3);
  EXPECT_EQ(told["chunks_failed"], 3);
  EXPECT_EQ(told["failed"][0]["error"], "this chunk always fails");
  const auto again = run_program(0, {"resume", journal, "-q"});
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_EQ(again.out, ended.out);
  // Its retries were kept as well.
  EXPECT_NE(again.err.find("failed 2 times"), std::string::npos) << again.err;
}

TEST_F(JournalRunTest, a_run_that_is_stopped_says_how_to_go_on) {
  LaunchedRun run(command(0, test_program, with_journal(weave())));
  wait_for_chunks(20);
  kill(run.supervisor(), SIGTERM);
  expect_refused(run.wait(), 75, " resume " + journal);
  EXPECT_EQ(status()["verdict"], "stopped");
  expect_output(run_program(0, {"resume", journal, "-q"}), woven());
}

// Chunks that the journal holds.
std::set<std::uint64_t> recorded_chunks(const std::string& path) {
  std::set<std::uint64_t> chunks;
  Database database(path, Database::Access::look);
  Statement pieces(database, "SELECT first, past FROM piece");
  while (pieces.step()) {
    for (std::uint64_t c = pieces.count(0); c < pieces.count(1); ++c) chunks.insert(c);
  }
  return chunks;
}

// When a chunk was computed, in seconds since 1970.
struct ChunkTime {
  std::uint64_t chunk = 0;
  double begun = 0;
  double ended = 0;
};

class RecomputedTest : public JournalRunTest {
 protected:
  // As the job itself noted, in the order of their ends.
  std::vector<ChunkTime> times() const {
    std::vector<ChunkTime> all;
    std::ifstream in(file("times"));
    ChunkTime time;
    for (std::int64_t begun = 0, ended = 0; in >> time.chunk >> begun >> ended;) {
      time.begun = static_cast<double>(begun) * 1e-9;
      time.ended = static_cast<double>(ended) * 1e-9;
      all.push_back(time);
    }
    return all;
  }
  Words words() const {
    Words words = weave();
    words.insert(words.end(), {"--time-file", file("times"), "--threads", "1"});
    return words;
  }
};

TEST_F(RecomputedTest, what_the_journal_holds_is_not_computed_again_and_all_else_is) {
  run_and_kill(0, words(), 60);
  const auto held = recorded_chunks(journal);
  EXPECT_GE(held.size(), 60U);
  fs::remove(file("times"));
  expect_output(run_program(0, {"resume", journal, "-q"}), woven());
  std::set<std::uint64_t> again;
  for (const ChunkTime& time : times()) {
    EXPECT_FALSE(held.contains(time.chunk)) << "chunk " << time.chunk << " was done";
    again.insert(time.chunk);
  }
  EXPECT_EQ(again.size() + held.size(), 200U);
}

// A slot hands over what it has at the first end of a chunk 15 ms after it did last, and a record
// holds all that was handed over before it: with the 80 ms between records a crash costs 100 ms of
// finished work. Only the order of events is compared, for a busy machine may stretch all of them.
TEST_F(RecomputedTest, a_record_holds_what_was_finished_long_enough_before_it) {
  const double started = unix_now();  // before the run's own clock
  run_and_kill(0, words(), 60);
  const double killed = unix_now();
  const double recorded = started + JournalReader(journal).progress()->elapsed_seconds;
  const auto held = recorded_chunks(journal);
  const auto all = times();
  std::size_t bound = 0;
  for (const ChunkTime& chunk : all) {
    for (std::size_t later = 0; later + 1 < all.size(); ++later) {
      const bool handed_over = all[later].ended >= chunk.ended + 0.05;
      if (!handed_over || all[later + 1].begun > recorded) continue;
      EXPECT_TRUE(held.contains(chunk.chunk)) << "chunk " << chunk.chunk;
      ++bound;
      break;
    }
  }
  EXPECT_GT(bound, 0U);
  const auto lost = std::count_if(
      all.begin(), all.end(), [&](const ChunkTime& chunk) { return !held.contains(chunk.chunk); });
  RecordProperty("finished_chunks_lost", std::to_string(lost));
  RecordProperty("last_record_before_kill_seconds", std::to_string(killed - recorded));
}

TEST_F(JournalRunTest, output_that_is_larger_than_its_memory_survives_a_kill) {
  if (sanitized) GTEST_SKIP() << "so many lines take a sanitizer minutes";
  // More than the 64 MiB that may wait in memory, most of it restored.
  constexpr std::uint64_t line_count = 12'000'000;
  run_and_kill(
      0, {"lines", "--items", std::to_string(line_count), "--chunks", "400", "--milliseconds", "5"},
      320);
  std::string lines;
  for (std::uint64_t i = 0; i < line_count; ++i) lines.append(std::to_string(i)).push_back('\n');
  const auto resumed = run_program(0, {"resume", journal, "-q"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(resumed.out == lines) << resumed.out.size() << " instead of " << lines.size();
}

// --- what a journal tells

TEST_F(JournalRunTest, status_is_live) {
  LaunchedRun run(command(0, test_program, with_journal(weave())));
  const json early = wait_for_chunks(20);
  EXPECT_EQ(early["running"], true);
  EXPECT_EQ(early["verdict"], json());
  EXPECT_EQ(early["pid"], run.supervisor());
  EXPECT_EQ(early["job"], "weave");
  EXPECT_EQ(early["params"]["items"], 200);
  EXPECT_GT(early["items_per_second"], 0);
  EXPECT_GT(early["left_seconds"], 0);
  const json late = wait_for_chunks(early["chunks_done"].get<std::uint64_t>() + 20);
  EXPECT_GT(late["items_done"], early["items_done"]);
  const auto text = run_program(0, {"status", journal}).out;
  EXPECT_NE(text.find("running on "), std::string::npos) << text;
  EXPECT_NE(text.find("running    chunk"), std::string::npos) << text;
  expect_output(run.wait(), woven());
}

TEST_F(JournalRunTest, status_tells_how_it_ended) {
  run_and_kill(0, weave(), 20);
  const json told = status();
  EXPECT_EQ(told["running"], false);
  EXPECT_EQ(told["verdict"], json());
  const auto text = run_program(0, {"status", journal}).out;
  EXPECT_NE(text.find("ended without a verdict"), std::string::npos) << text;
  EXPECT_NE(text.find(" resume " + journal), std::string::npos) << text;
}

TEST_F(JournalRunTest, the_log_has_every_attempt) {
  const auto ended = run_program(
      0, with_journal({"failing", "--fail-once", "--items", "10", "--chunks", "10", "-q"}));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const json log = json::parse(run_program(0, {"log", journal, "--json"}).out);
  std::uint64_t failures = 0;
  std::set<std::uint64_t> done;
  std::set<std::pair<std::uint64_t, std::uint64_t>> tries;
  for (const json& a : log) {
    for (std::uint64_t c = a["first_chunk"]; c <= a["last_chunk"]; ++c) {
      EXPECT_TRUE(tries.emplace(c, a["attempt"]).second) << "chunk " << c << " twice: " << log;
    }
    if (a["outcome"] == "failed") {
      ++failures;
      EXPECT_EQ(a["error"], "this try fails");
      EXPECT_EQ(a["attempt"], 1);
    } else if (a["outcome"] == "done") {
      for (std::uint64_t c = a["first_chunk"]; c <= a["last_chunk"]; ++c) done.insert(c);
    }
  }
  EXPECT_EQ(failures, 10U) << log;
  EXPECT_EQ(done.size(), 10U) << log;
  const auto table = run_program(0, {"log", journal}).out;
  EXPECT_NE(table.find("outcome"), std::string::npos) << table;
  EXPECT_EQ(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')), log.size() + 1);
}

TEST_F(JournalRunTest, the_log_tells_how_each_command_ended) {
  const auto ended =
      run(command(0, TASKRUN_PROGRAM,
                  {"exec", "-q", "--journal", journal, "--shell",
                   "sleep 0.1; case {} in 1) exit 3;; 2) kill -9 $$;; "
                   "*) dd if=/dev/zero of=/dev/null bs=200000000 count=1 2>/dev/null;; esac",
                   ":::", "0", "1", "2"}));
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  const json log = json::parse(run_program(0, {"log", journal, "--json"}).out);
  ASSERT_EQ(log.size(), 3U) << log;
  std::map<std::uint64_t, json> rows;
  for (const json& a : log) rows[a["first_chunk"]] = a;
  for (const auto& [chunk, a] : rows) {
    EXPECT_EQ(a["last_chunk"], chunk);
    EXPECT_EQ(a["outcome"], chunk == 1 ? "done" : "failed");
    EXPECT_GE(a["busy_seconds"], 0.1);
  }
  EXPECT_EQ(rows[2]["exit_code"], 3);
  EXPECT_EQ(rows[2]["signal"], json());
  EXPECT_EQ(rows[3]["signal"], 9);
  EXPECT_GE(rows[1]["peak_memory_bytes"], 200'000'000) << log;
  EXPECT_LE(rows[1]["peak_memory_bytes"], 220'000'000) << log;
  const auto table = run_program(0, {"log", journal}).out;
  EXPECT_NE(table.find(" MB  done"), std::string::npos) << table;
}

TEST_F(JournalRunTest, what_is_not_named_of_failures_is_listed_by_a_command) {
  const auto ended =
      run_program(0, with_journal({"failing", "--items", "150", "--chunks", "150", "--retries", "0",
                                   "--fail-always", "150", "--json", file("json")}));
  EXPECT_EQ(ended.exit_code, 3);
  const std::string list = "log " + journal + " --failed";
  EXPECT_NE(ended.err.find("and 140 more; all: "), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find(list), std::string::npos) << ended.err;
  const auto text = run_program(0, {"status", journal}).out;
  EXPECT_NE(text.find("and 140 more; all of them: "), std::string::npos) << text;
  EXPECT_EQ(text.find("last event"), std::string::npos) << text;
  for (const json& told : {status(), json::parse(file_content(file("json")))}) {
    EXPECT_EQ(told["failed"].size(), 100U);
    EXPECT_EQ(told["failed_not_listed"], 50);
    EXPECT_NE(told["failed_all_command"].get<std::string>().find(list), std::string::npos);
  }
  const auto table = run_program(0, {"log", journal, "--failed"}).out;
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 151) << table;
  const json all = json::parse(run_program(0, {"log", journal, "--failed", "--json"}).out);
  EXPECT_EQ(all.size(), 150U);
}

// --- who is refused

TEST_F(JournalRunTest, a_second_run_is_told_who_has_the_journal) {
  LaunchedRun run(command(0, test_program, with_journal(weave())));
  wait_for_chunks(5);
  expect_refused(run_program(0, {"resume", journal}), 4,
                 "(pid " + std::to_string(run.supervisor()) + ")");
  expect_refused(run_program(0, with_journal(weave())), 4, "in use by another run");
  expect_output(run.wait(), woven());
}

TEST_F(JournalRunTest, another_run_is_refused_with_what_differs) {
  run_program(0, with_journal({"float_sum", "--items", "1e5", "-q"}));
  expect_refused(run_program(0, with_journal({"float_sum", "--items", "2e5", "--resume"})), 2,
                 "parameter items was 100000, is 200000");
  expect_refused(run_program(0, with_journal({"lines", "--resume"})), 2,
                 "job was float_sum, is lines");
  expect_refused(run_program(0, {"resume", journal, "--chunks", "7"}), 2, "is 7");
}

TEST_F(JournalRunTest, a_journal_is_not_begun_twice) {
  run_program(0, with_journal({"float_sum", "-q"}));
  expect_refused(run_program(0, with_journal({"float_sum"})), 2, " resume " + journal);
}

TEST_F(JournalRunTest, what_is_no_journal_is_refused_by_all) {
  put_file(file("empty"), "");
  put_file(file("text"), "dear diary");
  fs::create_directory(file("folder"));
  run_program(0, with_journal({"float_sum", "-q"}));
  put_file(file("cut"), file_content(journal).substr(0, 9000));
  struct Bad {
    const char* name;
    int exit_code;
    const char* said;
  };
  for (const auto& [name, exit_code, said] :
       {Bad{"nothing", 2, "there is no journal"}, Bad{"empty", 2, "is empty"},
        Bad{"text", 2, "no journal of taskrun"}, Bad{"folder", 2, "is a directory"},
        Bad{"cut", 4, "is damaged"}}) {
    for (const char* command : {"status", "log", "resume"}) {
      expect_refused(run_program(0, {command, file(name)}), exit_code, said);
    }
    expect_refused(run_program(0, {"float_sum", "--resume", "--journal", file(name)}), exit_code,
                   said);
  }
  EXPECT_FALSE(fs::exists(file("nothing")));
  EXPECT_EQ(file_content(file("text")), "dear diary");
}

TEST_F(JournalRunTest, what_another_user_may_have_written_is_resumed_on_trust_only) {
  run_program(0, with_journal({"float_sum", "--items", "1e5", "-q"}));
  fs::permissions(journal, fs::perms::others_write, fs::perm_options::add);
  const std::string before = file_content(journal);
  expect_refused(run_program(0, {"resume", journal}), 2,
                 "may have been written by anybody; resuming it runs: float_sum --items 1e5; if "
                 "that is to be run, add --trust");
  EXPECT_EQ(file_content(journal), before);
  EXPECT_EQ(run_program(0, {"resume", journal, "--trust", "-q"}).exit_code, 0);
}

TEST_F(JournalRunTest, a_journal_that_may_not_be_read_is_refused) {
  run_program(0, with_journal({"float_sum", "-q"}));
  fs::permissions(journal, fs::perms::none);
  fs::permissions(folder.path(), fs::perms::all);
  const Words others =
      geteuid() == 0 ? Words{"setpriv", "--reuid=65534", "--clear-groups"} : Words{};
  for (const char* word : {"status", "log", "resume"}) {
    Command c;
    c.arguments = others;
    c.arguments.insert(c.arguments.end(), {test_program, word, journal});
    expect_refused(run(c), 4, "Permission denied");
  }
}

TEST_F(JournalRunTest, a_journal_in_no_folder_is_refused) {
  expect_refused(run_program(0, {"float_sum", "--journal", "/no/such/folder/j"}), 4,
                 "No such file");
}

TEST_F(JournalRunTest, a_journal_that_can_grow_no_more_ends_the_run) {
  const Words lines{"lines", "--items", "1000000",   "--chunk-size",
                    "1000",  "-q",      "--journal", journal};
  std::string line = "ulimit -f 2000; exec " + test_program;
  for (const auto& word : lines) line += " " + word;
  expect_refused(run({{"/bin/sh", "-c", line + " >/dev/null"}}), 4, "cannot be written");
  EXPECT_EQ(run_program(0, {"resume", journal, "-q"}).out,
            run_program(0, {"lines", "--items", "1000000", "-q"}).out);
}

TEST_F(JournalRunTest, options_that_need_a_journal_say_so) {
  expect_refused(run_program(0, {"float_sum", "--resume"}), 2, "--resume needs --journal");
  expect_refused(run_program(0, {"float_sum", "--hash-inputs"}), 2,
                 "--hash-inputs needs --journal");
  expect_refused(run_program(0, {"resume"}), 2, "missing journal");
}

#ifdef TASKRUN_PROGRAM

class InputsRunTest : public JournalRunTest {
 protected:
  InputsRunTest() { put_file(input, "a rose is a rose\n"); }
  Ended count_words(const Words& more) const {
    Words words{"wordcount", input, "-q", "--journal", journal};
    words.insert(words.end(), more.begin(), more.end());
    return run(command(0, TASKRUN_PROGRAM, words));
  }
  void touch() const {
    fs::last_write_time(input, fs::last_write_time(input) + std::chrono::hours(1));
  }
  const std::string input = folder.file("input");
};

TEST_F(InputsRunTest, an_input_that_has_changed_is_named) {
  EXPECT_EQ(count_words({}).exit_code, 0);
  EXPECT_EQ(count_words({"--resume"}).exit_code, 0);
  touch();
  expect_refused(count_words({"--resume"}), 2, "input " + input + " was 17 bytes");
}

TEST_F(InputsRunTest, with_hashes_only_its_content_counts) {
  EXPECT_EQ(count_words({"--hash-inputs"}).exit_code, 0);
  touch();
  EXPECT_EQ(count_words({"--resume"}).exit_code, 0);
  put_file(input, "a rose is a hose\n");
  expect_refused(count_words({"--resume"}), 2, "content");
}

#endif

#ifdef WITH_MPI

class JournalMpirunTest : public JournalRunTest, public ::testing::WithParamInterface<int> {};

TEST_P(JournalMpirunTest, a_run_killed_on_three_ranks_is_resumed_on_others) {
  run_and_kill(3, weave(), 40);
  const std::size_t before = mark_count();
  expect_output(run_program(GetParam(), {"resume", journal, "-q", "--threads", "1"}), woven());
  EXPECT_LT(mark_count() - before, 180U);  // some are computed twice, at the end
}

TEST_P(JournalMpirunTest, a_journal_that_is_none_is_refused_by_the_first_rank) {
  expect_refused(run_program(GetParam(), {"resume", file("nothing")}), 2, "there is no journal");
  expect_refused(run_program(GetParam(), {"status", file("nothing")}), 2, "there is no journal");
  expect_refused(run_program(GetParam(), {"float_sum", "--journal", folder.path()}), 2,
                 "is a directory");
}

TEST_P(JournalMpirunTest, one_that_can_grow_no_more_ends_all_ranks) {
  // Enough for what MPI itself shares in files.
  const std::string line =
      "ulimit -f 40000; exec \"$0\" lines --items 8000000 --chunk-size 1000 -q "
      "--journal " +
      journal;
  Command c = command(GetParam(), "/bin/sh", {"-c", line, test_program});
  c.out = Command::Out::file;
  c.out_path = "/dev/null";
  expect_refused(run(c), 4, "cannot be written");
}

INSTANTIATE_TEST_SUITE_P(mpi, JournalMpirunTest, ::testing::Values(1, 2, 5), ranks_name);

#endif

}  // namespace
}  // namespace taskrun::testing
