// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "reference.hpp"
#include "refusal.hpp"

void register_job_sum(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> sum(const std::string& of, std::uint64_t from, std::uint64_t below) {
  return make_job(register_job_sum,
                  {{"of", of}, {"from", std::to_string(from)}, {"below", std::to_string(below)}});
}

// What comes after the colon.
std::string found(const std::string& of, std::uint64_t from, std::uint64_t below,
                  std::uint64_t chunks) {
  const auto job = sum(of, from, below);
  const std::string line = printed(*job, run_serially(*job, chunks));
  return line.substr(line.rfind(": ") + 2);
}

TEST(SumTest, squares_are_exact_on_every_grid) {
  for (const std::uint64_t n : {1U, 2U, 10U, 1000U}) {
    for (const std::uint64_t chunks : {1U, 2U, 7U, 1000U}) {
      EXPECT_EQ(found("i*i", 0, n, chunks), std::to_string((n - 1) * n * (2 * n - 1) / 6));
    }
  }
}

TEST(SumTest, sums_beyond_64_bits_are_exact) {
  Wide expected = 0;
  const std::uint64_t from = 4'000'000'000'000'000'000;
  for (std::uint64_t i = from; i < from + 100; ++i) expected += Wide{i} * 5;
  EXPECT_EQ(found("5*i", from, from + 100, 7), decimal(expected));
}

TEST(SumTest, doubles_are_the_nearest_to_the_sum_on_every_grid) {
  const std::string one = found("1/i^2", 1, 5000, 1);
  EXPECT_NEAR(std::stod(one), M_PI * M_PI / 6, 0.0003);
  for (const std::uint64_t chunks : {2U, 3U, 100U, 4999U}) {
    EXPECT_EQ(found("1/i^2", 1, 5000, chunks), one);
  }
  EXPECT_EQ(found("0.1", 0, 10, 3), "1");
  // 2^53 + 1.5: neither part is rounded alone.
  EXPECT_EQ(found("i == 0 ? 2^53+1 : 0.5", 0, 2, 2), "9007199254740994");
  EXPECT_EQ(found("i == 0 ? 2^200+2^147 : 2.0^146", 0, 2, 2), "1.6069380442589906e+60");
}

TEST(SumTest, ranks_and_slots_give_the_same) {
  RunOptions options;
  options.slots = 2;
  options.chunk_count = 57;
  for (const char* of : {"i^3", "sqrt(i)"}) {
    const auto job = sum(of, 0, 3000);
    const auto expected = printed(*job, run_serially(*job, 1));
    const auto run = run_on_loopback(3, options, [&] { return sum(of, 0, 3000); });
    EXPECT_EQ(printed(*job, run.outcome.result), expected);
  }
}

TEST(SumTest, nothing_adds_up_to_zero) {
  const auto job = sum("i", 5, 5);
  EXPECT_EQ(printed(*job, job->nothing()), "sum of i for i from 5 to below 5: 0");
  EXPECT_EQ(job->json(job->nothing()).dump(),
            R"({"below":5,"exact":true,"from":5,"of":"i","sum":0})");
}

TEST(SumTest, an_item_that_cannot_be_computed_is_named) {
  const auto job = sum("1/(i-3)", 0, 10);
  try {
    run_serially(*job, 2);
    ADD_FAILURE() << "computed";
  } catch (const std::exception& e) {
    EXPECT_STREQ(e.what(), "i = 3: division by zero");
  }
}

TEST(SumTest, wrong_expressions_and_ranges_are_refused) {
  EXPECT_NE(refusal_of([] { sum("j", 0, 1); }).find("there is no 'j'"), std::string::npos);
  EXPECT_NE(refusal_of([] { sum("i", 2, 1); }).find("--from 2 is above"), std::string::npos);
}

}  // namespace
}  // namespace taskrun::testing
