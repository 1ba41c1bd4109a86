// SPDX-License-Identifier: MIT
#include "taskrun/job/number.hpp"

#include <gtest/gtest.h>

namespace taskrun {
namespace {

using namespace std::chrono_literals;

TEST(NumberTest, counts_are_read_as_people_write_them) {
  EXPECT_EQ(parse_count("0"), 0U);
  EXPECT_EQ(parse_count("1000"), 1000U);
  EXPECT_EQ(parse_count("1e9"), 1'000'000'000U);
  EXPECT_EQ(parse_count("1E+3"), 1000U);
  EXPECT_EQ(parse_count("2.5e3"), 2500U);
  EXPECT_EQ(parse_count(".5k"), 500U);
  EXPECT_EQ(parse_count("10M"), 10'000'000U);
  EXPECT_EQ(parse_count("1.5Ki"), 1536U);
  EXPECT_EQ(parse_count("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_count("1.8446744073709551615e19"), UINT64_MAX);
}

TEST(NumberTest, what_is_no_whole_number_of_64_bits_is_refused) {
  for (const char* text : {"",       "abc",   "-5",          "+5",  "1e30", "1e",
                           "e9",     "1e1e1", "0.5",         "1.5", "1 ",   " 1",
                           "1x",     "0x10",  "1,000",       ".",   "1e-1", "18446744073709551616",
                           "20000P", "1ee5",  "1e9999999999"}) {
    EXPECT_FALSE(parse_count(text)) << text;
  }
}

TEST(NumberTest, trailing_zeros_of_a_fraction_do_not_matter) {
  EXPECT_EQ(parse_count("1.50e1"), 15U);
  EXPECT_EQ(parse_count("3.000"), 3U);
}

TEST(NumberTest, zeros_do_not_matter_however_many_there_are) {
  EXPECT_EQ(parse_count("1e0003"), 1000U);
  EXPECT_EQ(parse_count("0e99999999999"), 0U);
  EXPECT_EQ(parse_count("0." + std::string(999, '0') + "1e1000"), 1U);
  EXPECT_EQ(parse_count("1." + std::string(40, '0') + "k"), 1000U);
  EXPECT_EQ(parse_count("000000000000000000000001Ki"), 1024U);
  EXPECT_EQ(parse_count("18446744073709551.615k"), UINT64_MAX);
  EXPECT_EQ(parse_count("0.00000000000000088817841970012523233890533447265625Pi"), 1U);
}

TEST(NumberTest, bytes_may_have_their_unit) {
  EXPECT_EQ(parse_byte_count("64MiB"), std::uint64_t{64} << 20);
  EXPECT_EQ(parse_byte_count("10MB"), 10'000'000U);
  EXPECT_EQ(parse_byte_count("512B"), 512U);
  EXPECT_EQ(parse_byte_count("512"), 512U);
  EXPECT_FALSE(parse_byte_count("B"));
}

TEST(NumberTest, durations_have_units_and_seconds_without) {
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("1.5ms"), 1500us);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("3min"), 3min);
  EXPECT_EQ(parse_duration("2"), 2s);
  EXPECT_EQ(parse_duration("90m"), 90min);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("1d2h3min4.5s6ms"), 26h + 3min + 4506ms);
  EXPECT_EQ(parse_duration("1e3s"), 1000s);
  for (const char* text : {"", "s", "-1s", "1x", "1e30d", "nan", "inf", "infs", "1m1h", "1s1s",
                           "1h30", "1h 30m", "1h-5m", "1hm", "+1s", "-0"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(NumberTest, durations_may_be_written_as_slurm_has_them) {
  EXPECT_EQ(parse_duration("00:10:00"), 10min);
  EXPECT_EQ(parse_duration("1:00:00"), 1h);
  EXPECT_EQ(parse_duration("100:00:59"), 100h + 59s);
  EXPECT_EQ(parse_duration("90:00"), 90min);
  EXPECT_EQ(parse_duration("1-12:00:00"), 36h);
  EXPECT_EQ(parse_duration("1-12:30"), 36h + 30min);
  EXPECT_EQ(parse_duration("2-0"), 48h);
  for (const char* text :
       {":", "1:", ":1", "1:60", "1:60:00", "1-24", "1-", "-1", "1-1-1", "1:1:1:1", "1--1", "1:-1",
        "1-1:1:1:1", "99999999999:00", "999999999:00:00"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(NumberTest, reals_are_finite) {
  EXPECT_EQ(parse_real("-2.5e-3"), -2.5e-3);
  EXPECT_FALSE(parse_real("inf"));
  EXPECT_FALSE(parse_real("1e999"));
  EXPECT_FALSE(parse_real("1.5x"));
}

}  // namespace
}  // namespace taskrun
