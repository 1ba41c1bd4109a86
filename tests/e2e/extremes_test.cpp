// SPDX-License-Identifier: MIT
// The extremes of every option that takes a number, of every job and of the run, as --help lists
// them: a run or one line, and never an abort, a hang or all memory.
#ifdef TASKRUN_PROGRAM
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "program_runs.hpp"
#include "sanitized.hpp"
#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

constexpr int first_of_signals = 128;

// No more memory than that, whatever is asked for.
const std::string memory_limit = sanitized ? "true" : "ulimit -v 6000000";

Ended run_quickly(const Words& words) {
  Command command;
  command.arguments = {"/bin/sh", "-c", memory_limit + "; exec \"$0\" \"$@\"", TASKRUN_PROGRAM,
                       "-q"};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.deadline = std::chrono::seconds(20);
  return run(command);
}

struct NumberOption {
  std::string name;  // with its dashes
  bool of_run = false;
};

std::vector<NumberOption> number_options(const std::string& job) {
  const std::set<std::string> values{"N", "X", "TIME", "BYTES", "K"};
  std::vector<NumberOption> options;
  std::istringstream help(run(command(0, TASKRUN_PROGRAM, {job, "--help"})).out);
  bool of_run = false;
  for (std::string line; std::getline(help, line);) {
    of_run |= line == "Run options:";
    std::istringstream words(line);
    std::string name;
    std::string value;
    words >> name;
    if (name.starts_with("-") && name.ends_with(",")) words >> name;
    if (name.starts_with("--") && words >> value && values.count(value) > 0) {
      options.push_back({name, of_run});
    }
  }
  return options;
}

Words job_names() {
  Words names;
  std::istringstream list(run(command(0, TASKRUN_PROGRAM, {"list"})).out);
  for (std::string line; std::getline(list, line);) {
    std::istringstream words(line);
    std::string name;
    if (line.starts_with("  ") && words >> name) names.push_back(name);
  }
  return names;
}

class ExtremesTest : public ::testing::Test {
 protected:
  void expect_sound(const Words& words) {
    std::string shown;
    for (const auto& word : words) shown += " " + word;
    SCOPED_TRACE(shown);
    const Ended ended = run_quickly(words);
    EXPECT_FALSE(ended.timed_out);
    EXPECT_LT(ended.exit_code, first_of_signals) << ended.err;
    EXPECT_EQ(ended.err.find("a bug in"), std::string::npos) << ended.err;
    EXPECT_EQ(ended.err.find("std::"), std::string::npos) << ended.err;
  }

  // What a job needs besides its options.
  Words values_of(const std::string& job) const {
    const std::map<std::string, Words> known{
        {"isprime", {"7"}},
        {"powers", {"3"}},
        {"wordcount", {text_}},
        {"features", {"--set", "s=a+1", text_}},
        {"fetch", {"http://127.0.0.1:1/"}},
        {"exec", {"true", ":::", "a"}},
        {"sum", {"--of", "i"}},
    };
    const auto found = known.find(job);
    return found == known.end() ? Words{} : found->second;
  }

  void expect_sound(const std::string& job, const std::string& option, const std::string& value) {
    Words words;
    if (option != "--walltime") words = {"--walltime", "50ms"};
    words.insert(words.end(), {job, option, value});
    const Words more = values_of(job);
    words.insert(words.end(), more.begin(), more.end());
    expect_sound(words);
  }

  ExtremesTest() { std::ofstream(text_) << "a,b\n1,2\n3,4\n"; }

  const ScratchFolder folder_;
  const std::string text_ = folder_.file("text");
};

TEST_F(ExtremesTest, no_value_of_an_option_that_takes_a_number_ends_the_program_badly) {
  Words jobs = job_names();
  ASSERT_GT(jobs.size(), 5U);
  if (sanitized) jobs = {"sieve"};
  for (const auto& job : jobs) {
    const auto options = number_options(job);
    ASSERT_GT(options.size(), 5U) << job;
    for (const auto& option : options) {
      const bool cuts = option.name.starts_with("--chunk");
      // Those of the run are the same for all.
      if (option.of_run && !cuts && job != "sieve") continue;
      for (const char* value : {"0", "4294967296", "9223372036854775808", "18446744073709551615"}) {
        expect_sound(job, option.name, value);
      }
    }
  }
}

TEST_F(ExtremesTest, more_chunks_than_can_be_are_refused) {
  const std::string most = "18446744073709551615";
  expect_refused(run_quickly({"sieve", "--limit", most, "--chunk-size", "1"}), 2,
                 "give a larger --chunk-size");
  expect_refused(run_quickly({"sieve", "--limit", most, "--chunks", "9223372036854775809"}), 2,
                 "at most 2^63 can be: give fewer --chunks");
  expect_sound({"--walltime", "50ms", "sieve", "--limit", most, "--chunk-size", "2"});
}

}  // namespace
}  // namespace taskrun::testing
#endif
