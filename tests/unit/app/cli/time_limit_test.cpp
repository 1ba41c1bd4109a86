// SPDX-License-Identifier: MIT
#include "app/cli/time_limit.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace taskrun::testing {
namespace {

using std::chrono::seconds;

const CalendarTime now = CalendarTime(seconds(1'000'000));

// Slurm's job 7 has 100 seconds left, if anybody asks.
std::optional<CalendarTime> end(Duration walltime, const std::map<std::string, std::string>& set,
                                std::optional<CalendarTime> fixed = std::nullopt) {
  const auto variable = [&](const char* name) -> const char* {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  };
  const auto time_left = [](const std::string& job) -> std::optional<Duration> {
    if (job != "7") return std::nullopt;
    return seconds(100);
  };
  return end_time(walltime, now, fixed, variable, time_left);
}

TEST(TimeLimitTest, there_is_none_unless_somebody_sets_one) {
  EXPECT_FALSE(end({}, {}));
  EXPECT_FALSE(end({}, {{"SLURM_JOB_END_TIME", "UNLIMITED"}}));
  EXPECT_FALSE(end({}, {{"SLURM_JOB_END_TIME", "0"}}));
}

TEST(TimeLimitTest, a_walltime_begins_now) { EXPECT_EQ(end(seconds(90), {}), now + seconds(90)); }

TEST(TimeLimitTest, an_allocation_ends_a_run_some_time_before_its_own_end) {
  const auto allotted = end({}, {{"SLURM_JOB_END_TIME", "1000060"}});
  ASSERT_TRUE(allotted);
  EXPECT_LT(*allotted, now + seconds(60));
  EXPECT_GT(*allotted, now);
  EXPECT_EQ(end(seconds(10), {{"SLURM_JOB_END_TIME", "1000060"}}), now + seconds(10));
}

TEST(TimeLimitTest, where_slurm_sets_no_end_it_is_asked) {
  const auto allotted = end({}, {{"SLURM_JOB_ID", "7"}});
  ASSERT_TRUE(allotted);
  EXPECT_LT(*allotted, now + seconds(100));
  EXPECT_GT(*allotted, now);
  EXPECT_FALSE(end({}, {{"SLURM_JOB_ID", "8"}}));
}

TEST(TimeLimitTest, the_end_that_was_found_at_the_start_is_not_looked_for_again) {
  EXPECT_EQ(end({}, {{"SLURM_JOB_ID", "7"}}, now + seconds(90)), now + seconds(90));
}

TEST(TimeLimitTest, starting_again_does_not_prolong_a_run) {
  EXPECT_EQ(end(seconds(90), {}, now + seconds(50)), now + seconds(50));
}

}  // namespace
}  // namespace taskrun::testing
