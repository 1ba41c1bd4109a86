// SPDX-License-Identifier: MIT
#include "app/time_limit.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace taskrun::testing {
namespace {

using std::chrono::seconds;

const CalendarTime now = CalendarTime(seconds(1'000'000));

std::optional<CalendarTime> end(Duration walltime, const std::map<std::string, std::string>& set) {
  return end_time(walltime, now, [&](const char* name) -> const char* {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  });
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

TEST(TimeLimitTest, starting_again_does_not_prolong_a_run) {
  EXPECT_EQ(end(seconds(90), {{end_time_variable, "1000050"}}), now + seconds(50));
}

}  // namespace
}  // namespace taskrun::testing
