// SPDX-License-Identifier: MIT
// The n-th call of each kind that takes something from the system fails (support/short_calls.cpp),
// for n from 1 until there are no more, alone or with all that follow: the answer is right, or one
// line says what was short.
#if defined(TASKRUN_PROGRAM) && defined(SHORT_CALLS)
#include <cstdlib>
#include <fstream>
#include <string>

#include "program_runs.hpp"
#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

enum class Walk { short_one, long_one };

struct ShortRun {
  const char* name;
  Walk walk;  // the least that takes it along
  Words words;
};

void PrintTo(const ShortRun& run, std::ostream* out) { *out << run.name; }

constexpr const char* long_walk_variable = "TASKRUN_SHORT_WALK";
constexpr int exit_environment = 4;
constexpr int exit_chunks_failed = 3;

std::vector<ShortRun> runs() {
  const Words sieve{"sieve", "--limit", "1e5", "--chunks", "6"};
  const auto behind = [&](Words words) {
    words.insert(words.end(), sieve.begin(), sieve.end());
    return words;
  };
  std::vector<ShortRun> all{
      {"local", Walk::short_one, behind({})},
      {"isolated", Walk::short_one, behind({"--isolate"})},
      {"journal", Walk::short_one, behind({"--journal", "journal"})},
      {"exec", Walk::short_one, {"exec", "echo", ":::", "a", "b"}},
      {"lines", Walk::short_one, {"isprime", "--file", "lines"}},
      {"json", Walk::long_one, behind({"--json", "json"})},
      {"text", Walk::long_one, {"wordcount", "lines", "--chunks", "2"}},
      {"results", Walk::long_one, {"exec", "--results", "results", "echo", ":::", "a", "b"}},
      {"pipe", Walk::long_one, {"exec", "--pipe", "--block", "4", "cat", "::::", "lines"}},
      {"columns", Walk::long_one, {"features", "--set", "s=a+1", "table"}}};
#ifdef WITH_MPI
  all.push_back({"launch", Walk::short_one, behind({"launch", "-n", "2"})});
#endif
  if (std::getenv(long_walk_variable) != nullptr) return all;
  std::erase_if(all, [](const ShortRun& run) { return run.walk == Walk::long_one; });
  return all;
}

class ShortCalls {
 protected:
  // In a folder of its own each time.
  struct Result {
    Ended ended;
    bool struck = false;
  };
  static Result run_with(const std::string& call, const Words& words, const char* slots) {
    const ScratchFolder folder(ScratchFolder::On::memory);
    std::ofstream(folder.file("lines")) << "7\n8\n9\n11\n";
    std::ofstream(folder.file("table")) << "a,b\n1,2\n3,4\n";
    Command command;
    command.arguments = {TASKRUN_PROGRAM, "-q", "-j", slots};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    command.directory = folder.path();
    command.deadline = std::chrono::seconds(30);
    const std::string struck = folder.file("struck");
    if (!call.empty()) {
      const std::string program = TASKRUN_PROGRAM;
      command.environment = {std::string("LD_PRELOAD=") + SHORT_CALLS, "TASKRUN_SHORT_CALL=" + call,
                             "TASKRUN_SHORT_FILE=" + struck,
                             "TASKRUN_SHORT_PROGRAM=" + program.substr(program.rfind('/') + 1)};
    }
    Result result{run(command), false};
    result.struck = std::ifstream(struck).is_open();
    return result;
  }
};

class CommandStartTest : public ShortCalls, public ::testing::Test {};

class ShortCallsTest : public ShortCalls, public ::testing::TestWithParam<ShortRun> {
 protected:
  static Result run_with(const std::string& call) {
    return ShortCalls::run_with(call, GetParam().words, "2");
  }

  static bool is_out_of_memory(const Ended& ended) {
    return ended.exit_code == exit_chunks_failed &&
           ended.err.find("ran out of memory") != std::string::npos;
  }

  void expect_right_or_told(const Ended& ended, const std::string& call) const {
    SCOPED_TRACE(call);
    ASSERT_FALSE(ended.timed_out) << ended.err;
    if (ended.exit_code == 0) {
      EXPECT_EQ(ended.out, right_) << ended.err;
    } else if (!is_out_of_memory(ended)) {
      EXPECT_EQ(ended.exit_code, exit_environment) << ended.err;
      // A launched run is told to stop as well, and says so.
      const std::size_t most_lines = GetParam().words.front() == "launch" ? 2 : 1;
      const std::size_t lines = lines_of_taskrun(ended.err).size();
      EXPECT_TRUE(lines > 0 && lines <= most_lines) << ended.err;
    }
  }

  // Until a run has no such call any more.
  void walk(const std::string& kind, const std::string& lasting, double growth) const {
    // The first of many come before main.
    constexpr double early = 100;
    for (double n = 1;; n = std::max(n + 1, n * (growth > 1 && n < early ? 3 : growth))) {
      const std::string call = kind + ":" + std::to_string(static_cast<long>(n)) + lasting;
      const Result result = run_with(call);
      expect_right_or_told(result.ended, call);
      if (!result.struck || HasFatalFailure()) return;
    }
  }

  const std::string right_ = run_with("").ended.out;
};
INSTANTIATE_TEST_SUITE_P(of, ShortCallsTest, ::testing::ValuesIn(runs()),
                         [](const auto& test) { return test.param.name; });

TEST_P(ShortCallsTest, each_call_that_fails_leaves_the_right_answer_or_one_line) {
  ASSERT_FALSE(right_.empty());
  const bool is_long = std::getenv(long_walk_variable) != nullptr;
  // Half a second each.
  if (GetParam().words.front() == "launch" && !is_long) return walk("thread", "", 1);
  for (const std::string kind : {"open", "pipe", "socket", "eventfd", "epoll", "memfd", "pidfd",
                                 "fork", "thread", "mmap", "write"}) {
    walk(kind, "", 1);
    walk(kind, "+", 1);
  }
  const double growth = is_long ? 1.01 : 1.6;
  walk("new", "", growth);
  walk("new", "+", growth);
}

// The first process is that which helpers come from, the second a helper.
TEST_F(CommandStartTest, a_command_that_cannot_be_started_now_is_started_a_moment_later) {
  for (const char* call : {"fork:3", "fork:4"}) {
    const Result result = run_with(call, {"exec", "echo", ":::", "a", "b"}, "1");
    EXPECT_TRUE(result.struck);
    EXPECT_EQ(result.ended.exit_code, 0) << result.ended.err;
    EXPECT_EQ(result.ended.out, "a\nb\n");
  }
}

}  // namespace
}  // namespace taskrun::testing
#endif
