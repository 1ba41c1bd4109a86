// SPDX-License-Identifier: MIT
#include "taskrun/launch/rank_environment.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

namespace taskrun::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

RankEnvironment read_from(const std::map<std::string, std::string>& set) {
  return from_environment([&](const char* name) -> const char* {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  });
}

std::map<std::string, std::string> written(const RankEnvironment& told) {
  const Variables variables = to_environment(told);
  return {variables.begin(), variables.end()};
}

RankEnvironment full() {
  RankEnvironment told;
  told.lifeline = "taskrun-0a";
  told.secret = std::string(32, 'f');
  told.shared_folder = "/dev/shm/a folder=of ours";
  told.restart = UINT64_MAX;
  told.isolate = told.input_lost = told.input_apart = true;
  told.chaos = "7,kill=10s";
  told.end_time = system_clock::time_point(milliseconds(1'800'000'000'500));
  told.lost_after = "1s";
  return told;
}

TEST(RankEnvironmentTest, what_is_told_is_what_is_read) {
  EXPECT_EQ(read_from(written(full())), full());
  EXPECT_EQ(read_from(written({})), RankEnvironment());
  EXPECT_EQ(written(full()).size(), 10U);  // names differ
}

TEST(RankEnvironmentTest, each_part_travels_alone) {
  const RankEnvironment all = full();
  RankEnvironment one;
  const auto travels = [&](auto member) {
    one = {};
    one.*member = all.*member;
    EXPECT_EQ(read_from(written(one)), one);
    EXPECT_NE(one, RankEnvironment());
  };
  for (const auto text :
       {&RankEnvironment::lifeline, &RankEnvironment::secret, &RankEnvironment::shared_folder,
        &RankEnvironment::chaos, &RankEnvironment::lost_after}) {
    travels(text);
  }
  for (const auto flag :
       {&RankEnvironment::isolate, &RankEnvironment::input_lost, &RankEnvironment::input_apart}) {
    travels(flag);
  }
  travels(&RankEnvironment::restart);
  travels(&RankEnvironment::end_time);
}

TEST(RankEnvironmentTest, nonsense_counts_as_not_told) {
  for (const char* number : {"", "x", "-1", "1x", " 1", "1e99999", "18446744073709551616"}) {
    EXPECT_EQ(read_from({{"TASKRUN_RESTART", number}}), RankEnvironment()) << number;
  }
  for (const char* time : {"", "x", "0", "-5", "nan", "inf", "1e300", "12x", "1 2"}) {
    EXPECT_EQ(read_from({{"TASKRUN_END_TIME", time}}), RankEnvironment()) << time;
  }
  for (const char* flag : {"TASKRUN_ISOLATE", "TASKRUN_INPUT_LOST", "TASKRUN_INPUT_APART"}) {
    EXPECT_EQ(read_from({{flag, ""}}), RankEnvironment()) << flag;
  }
}

TEST(RankEnvironmentTest, the_secret_is_shown_to_nobody_after_it_was_read) {
  setenv(secret_variable, full().secret.c_str(), 1);
  setenv(lifeline_variable, "taskrun-0a", 1);
  const char* const shown = getenv(secret_variable);
  EXPECT_EQ(rank_environment().secret, full().secret);
  hide_rank_environment();
  EXPECT_EQ(std::string(shown), std::string(32, '-'));
  EXPECT_EQ(rank_environment(), RankEnvironment());
  hide_rank_environment();
}

}  // namespace
}  // namespace taskrun::testing
