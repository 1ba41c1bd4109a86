// SPDX-License-Identifier: MIT
#include "taskrun/report/text.hpp"

#include <gtest/gtest.h>

namespace taskrun {
namespace {

using namespace std::chrono_literals;

TEST(TextTest, counts_have_three_digits_and_a_prefix) {
  EXPECT_EQ(readable_count(0), "0");
  EXPECT_EQ(readable_count(999), "999");
  EXPECT_EQ(readable_count(1000), "1.00 k");
  EXPECT_EQ(readable_count(999'999), "1.00 M");
  EXPECT_EQ(readable_count(45.6e6), "45.6 M");
  EXPECT_EQ(readable_count(18446744073709551615.0), "18.4 E");
}

TEST(TextTest, bytes_have_a_unit_at_every_size) {
  EXPECT_EQ(readable_bytes(0), "0 B");
  EXPECT_EQ(readable_bytes(1234), "1.23 kB");
}

TEST(TextTest, durations_go_from_microseconds_to_days) {
  EXPECT_EQ(readable_duration(0s), "0.00 s");
  EXPECT_EQ(readable_duration(3us), "3.00 µs");
  EXPECT_EQ(readable_duration(45'600us), "45.6 ms");
  EXPECT_EQ(readable_duration(7890ms), "7.89 s");
  EXPECT_EQ(readable_duration(119s), "119 s");
  EXPECT_EQ(readable_duration(125s), "2 min 05 s");
  EXPECT_EQ(readable_duration(200min), "3 h 20 min");
  EXPECT_EQ(readable_duration(101h), "4 d 05 h");
}

TEST(TextTest, ratios_are_per_cent) {
  EXPECT_EQ(readable_ratio(0.971), "97.1 %");
  EXPECT_EQ(readable_ratio(1), "100 %");
}

}  // namespace
}  // namespace taskrun
