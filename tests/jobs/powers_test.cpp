// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "refusal.hpp"
#include "temporary_file.hpp"

void register_job_powers(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> powers(const Options& options) {
  return make_job(register_job_powers, options);
}
std::string powers_text(const Options& options, std::uint64_t chunks = 2) {
  const auto job = powers(options);
  return printed(*job, run_serially(*job, chunks));
}

TEST(PowersTest, squares_and_cubes_are_those_of_the_notes) {
  EXPECT_EQ(powers_text({{"NUMBER", "2"}, {"NUMBER", "3"}, {"NUMBER", "8"}, {"NUMBER", "9"}}),
            "2\t4\t8\n3\t9\t27\n8\t64\t512\n9\t81\t729\n");
}

TEST(PowersTest, any_size_and_any_power_is_exact) {
  EXPECT_EQ(powers_text({{"power", "0,1,2"}, {"NUMBER", "-100000000000000000000"}}),
            "-100000000000000000000\t1\t-100000000000000000000\t"
            "1" +
                std::string(40, '0') + "\n");
  EXPECT_EQ(powers_text({{"power", "63"}, {"NUMBER", "2"}, {"NUMBER", "0"}}),
            "2\t9223372036854775808\n0\t0\n");
  EXPECT_EQ(powers_text({{"NUMBER", "007"}}), "7\t49\t343\n");
}

TEST(PowersTest, a_file_is_read_in_order) {
  const TemporaryFile file("5\n\n-6\r\n7");
  EXPECT_EQ(powers_text({{"file", file.path()}, {"power", "2"}}, 3), "5\t25\n-6\t36\n7\t49\n");
}

TEST(PowersTest, numbers_that_wait_do_so_together_and_keep_their_order) {
  Options options{{"delay", "20ms"}, {"power", "1"}};
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    options.push_back({"NUMBER", std::to_string(i)});
    expected += std::to_string(i) + "\t" + std::to_string(i) + "\n";
  }
  EXPECT_TRUE(powers(options)->io_bound());
  EXPECT_EQ(powers(options)->open().chunk_count, 40U);
  RunOptions run_options;
  run_options.slots = 16;
  EXPECT_EQ(run_on_loopback(2, run_options, [&] { return powers(options); }).output, expected);
}

TEST(PowersTest, what_is_no_number_is_named) {
  const auto refusal = [](const Options& options) {
    return refusal_of([&] { powers_text(options); });
  };
  EXPECT_EQ(refusal({{"NUMBER", "1.5"}}), "'1.5' is not a whole number");
  EXPECT_EQ(refusal({{"NUMBER", "-"}}), "'-' is not a whole number");
  const TemporaryFile file("1\n2 3\n");
  EXPECT_EQ(refusal({{"file", file.path()}}), file.path() + ":2: '2 3' is not a whole number");
  EXPECT_NE(refusal({{"power", "10001"}}).find("from 0 to 10000"), std::string::npos);
}

}  // namespace
}  // namespace taskrun::testing
