// SPDX-License-Identifier: MIT
#include "app/slurm.hpp"

#include <gtest/gtest.h>

namespace taskrun::testing {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(SlurmTest, times_are_read_as_squeue_prints_them) {
  EXPECT_EQ(parse_slurm_time("0:05"), seconds(5));
  EXPECT_EQ(parse_slurm_time("12:34"), minutes(12) + seconds(34));
  EXPECT_EQ(parse_slurm_time("1:00:00"), hours(1));
  EXPECT_EQ(parse_slurm_time("2-03:04:05"), days(2) + hours(3) + minutes(4) + seconds(5));
}

TEST(SlurmTest, what_is_no_time_is_no_limit) {
  for (const char* text :
       {"", "UNLIMITED", "NOT_SET", "INVALID", "5", "-1:00", "1:2:3:4", "1-5", "1:xx",
        "99999999999:00", "3000000000-00:00:00", "200000-00:00:00", "1:00 "}) {
    EXPECT_FALSE(parse_slurm_time(text)) << text;
  }
}

TEST(SlurmTest, a_job_id_that_is_no_number_is_not_asked_for) {
  EXPECT_FALSE(slurm_time_left("1; echo 0:05"));
  EXPECT_FALSE(slurm_time_left(""));
}

}  // namespace
}  // namespace taskrun::testing
