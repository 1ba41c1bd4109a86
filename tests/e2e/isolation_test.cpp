// SPDX-License-Identifier: MIT
// User code that goes wrong in every way, isolated: the run goes on, and tells.
#include <signal.h>

#include <nlohmann/json.hpp>

#include "launched_run.hpp"
#include "program_runs.hpp"
#include "sanitized.hpp"
#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

using nlohmann::json;

// "0,1,2,…" without these.
std::string numbers(int count, const std::vector<int>& without = {}) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (std::find(without.begin(), without.end(), i) == without.end()) {
      text += std::to_string(i) + ",";
    }
  }
  return text + "\n";
}

class IsolationTest : public ::testing::TestWithParam<int> {
 protected:
  static Ended run_mishaps(const std::string& what, Words more) {
    Words words{"mishaps", "-q", "--items", "60", "--what", what};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(GetParam(), words);
  }
};

TEST_P(IsolationTest, chunks_that_always_crash_are_named_and_the_rest_is_right) {
  const auto ended = run_mishaps("segv", {"--isolate", "--every", "20"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(ended.out, numbers(60, {5, 25, 45}));
  const auto lines = lines_of_taskrun(ended.err);
  ASSERT_EQ(lines.size(), 5U) << ended.err;
  EXPECT_EQ(lines[0], "taskrun: chunk 6 (item 6) failed 3 times: crashed: SIGSEGV");
  EXPECT_NE(lines[4].find(" mishaps --only-chunk 6 --items 60 --what segv --every 20"),
            std::string::npos);
}

TEST_P(IsolationTest, chunks_that_crash_once_cost_nothing_of_the_result) {
  for (const std::string what : {"segv", "abort", "exit", "kill", "quit"}) {
    const auto ended = run_mishaps(what, {"--isolate", "--once", "--every", "7"});
    EXPECT_EQ(ended.exit_code, 0) << what << ": " << ended.err;
    EXPECT_EQ(ended.out, numbers(60)) << what;
    EXPECT_TRUE(lines_of_taskrun(ended.err).empty()) << ended.err;
    if (sanitized && GetParam() > 0) break;  // starting mpirun takes longest
  }
}

TEST_P(IsolationTest, without_retries_one_crash_is_one_failed_chunk) {
  const auto ended = run_mishaps("abort", {"--isolate", "--once", "--retries", "0"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(ended.out, numbers(60, {5}));
}

TEST_P(IsolationTest, a_chunk_that_hangs_is_ended) {
  const auto ended =
      run_mishaps("hang", {"--timeout", "300ms", "--deaf", "--retries", "1", "--json", "-"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  const json told = json::parse(ended.out);
  EXPECT_EQ(told["result"], numbers(60, {5}));
  ASSERT_EQ(told["failed"].size(), 1U);
  EXPECT_EQ(told["failed"][0]["error"], "took longer than 300ms");
}

TEST_P(IsolationTest, a_chunk_that_takes_all_memory_is_ended) {
  if (sanitized) GTEST_SKIP() << "sanitizers take more memory than any limit that shows something";
  const auto ended = run_mishaps("memory", {"--memory", "128MiB", "--retries", "1"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(ended.out, numbers(60, {5}));
  EXPECT_NE(ended.err.find("used more memory than --memory allows: "), std::string::npos)
      << ended.err;
}

TEST_P(IsolationTest, gives_the_same_bytes_as_without) {
  for (const Words& job :
       {Words{"float_sum", "--items", "20000", "--chunk-size", "7", "-q"},
        Words{"lines", "--items", "30000", "-q"}, Words{"huge", "--item-bytes", "3M", "-q"}}) {
    const auto expected = run_program(0, job);
    Words words = job;
    words.push_back("--isolate");
    const auto ended = run_program(GetParam(), words);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.out, expected.out);
  }
}

INSTANTIATE_TEST_SUITE_P(run, IsolationTest, ::testing::ValuesIn(few_rank_counts), ranks_name);

#ifdef WITH_MPI
// The rank whose first chunk hangs knows from the others how long chunks take.
TEST(RelativeTimeoutTest, the_first_chunk_of_one_of_mpi_ranks_is_ended_too) {
  const auto ended = run_program(
      3, {"mishaps", "-q", "--items", "60", "--what", "hang", "--timeout", "5x", "--deaf", "--at",
          "0", "--retries", "0", "--schedule", "dynamic", "--threads", "1"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(ended.out, numbers(60, {0}));
  EXPECT_NE(ended.err.find("took longer than 5x the median chunk"), std::string::npos) << ended.err;
}
#endif

TEST(RelativeTimeoutTest, a_chunk_that_takes_much_longer_than_others_is_ended) {
  const auto ended =
      run_program(0, {"mishaps", "-q", "--items", "60", "--what", "hang", "--timeout", "5x",
                      "--deaf", "--at", "59", "--retries", "0", "--schedule", "dynamic"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(ended.out, numbers(60, {59}));
  EXPECT_NE(ended.err.find("took longer than 5x the median chunk"), std::string::npos) << ended.err;
}

class ZygoteDeathTest : public ::testing::Test {
 protected:
  LaunchedRun start(int ranks) const {
    return LaunchedRun(
        command(ranks, test_program,
                {"weave", "--items", "100", "--chunks", "100", "--milliseconds", "20",
                 "--mark-file", folder_.file("marks"), "--isolate", "-q", "--threads", "1"}));
  }
  void wait_for_the_middle() const { ASSERT_TRUE(wait_for_lines(folder_.file("marks"), 20)); }

 private:
  const ScratchFolder folder_;
};

TEST_F(ZygoteDeathTest, ends_a_run_without_other_ranks_with_one_line) {
  LaunchedRun run = start(0);
  wait_for_the_middle();
  kill(run.zygote(0), SIGKILL);
  expect_refused(run.wait(), 4, "nobody is left to compute");
  EXPECT_EQ(run.leftover_count(), 0U);
}

#ifdef WITH_MPI
TEST_F(ZygoteDeathTest, leaves_a_run_of_mpi_ranks_the_others) {
  LaunchedRun run = start(3);
  wait_for_the_middle();
  kill(run.zygote(0), SIGKILL);
  const Ended ended = run.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, run_program(0, {"weave", "--items", "100", "--chunks", "100", "-q",
                                       "--milliseconds", "0"})
                           .out);
}
#endif

TEST(OnlyChunkTest, prints_what_the_chunk_gives) {
  const auto reduced = run_program(0, {"mishaps", "--only-chunk", "8"});
  EXPECT_EQ(reduced.exit_code, 0) << reduced.err;
  EXPECT_EQ(reduced.out, "7,\n");
  const auto emitted = run_program(0, {"lines", "--chunks", "10", "--only-chunk", "4"});
  EXPECT_EQ(emitted.out, "30\n31\n32\n33\n34\n35\n36\n37\n38\n39\n");
}

TEST(OnlyChunkTest, crashes_where_a_debugger_sees_it) {
  const auto ended =
      run_program(0, {"mishaps", "--what", "abort", "--only-chunk", "6", "--isolate"});
  EXPECT_EQ(ended.exit_code, 128 + 6);
}

#ifdef WITH_MPI
TEST(OnlyChunkTest, is_for_one_rank_of_mpi_many) {
  const auto ended = run_program(3, {"mishaps", "--only-chunk", "8"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "7,\n");
}
#endif

TEST(OnlyChunkTest, the_command_that_a_run_tells_does_it) {
  const auto ended =
      run_program(0, {"failing", "--fail-always", "1", "--chunk-size", "10", "-q", "--json", "-"});
  const std::string told = json::parse(ended.out)["failed"][0]["command"];
  const auto alone = run({{"/bin/sh", "-c", told}});
  EXPECT_EQ(alone.exit_code, 3);
  expect_refused(alone, 3, "chunk 1 (items 1 to 10): this chunk always fails");
}

}  // namespace
}  // namespace taskrun::testing
