// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "reference.hpp"
#include "taskrun/core/error.hpp"

void register_job_primesum(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> primesum(const std::string& limits) {
  return make_job(register_job_primesum, {{"limits", limits}});
}

std::string line(std::uint64_t limit) {
  return "sum of primes <= " + std::to_string(limit) + ": " + decimal(sum_of(primes_in(0, limit)));
}

TEST(PrimeSumTest, sums_are_the_known_ones) {
  const auto job = make_job(register_job_primesum, {});
  EXPECT_EQ(printed(*job, run_serially(*job, 100)),
            "sum of primes <= 1000000: 37550402023\n"
            "sum of primes <= 2000000: 142913828922\n"
            "sum of primes <= 3000000: 312471072265");
}

TEST(PrimeSumTest, small_limits_are_right_on_every_grid) {
  for (std::uint64_t limit = 0; limit <= 130; ++limit) {
    const auto job = primesum(std::to_string(limit));
    for (std::uint64_t chunks = 1; chunks <= 20; ++chunks) {
      EXPECT_EQ(printed(*job, run_serially(*job, chunks)), line(limit)) << chunks << " chunks";
    }
  }
}

TEST(PrimeSumTest, numbers_of_32_bits_are_divided_right) {
  // The two largest primes below 2^32, between which and after which nothing is prime.
  const auto job = primesum("4294967295");
  ASSERT_EQ(job->open().item_count, 4'294'967'296U);
  const std::atomic<bool> stop = false;
  Context context(0, 1, stop);
  const auto sums = job->map({4'294'967'279, 4'294'967'296}, {}, context);
  EXPECT_EQ(printed(*job, sums), "sum of primes <= 4294967295: 8589934570");
}

TEST(PrimeSumTest, limits_may_come_in_any_order_and_twice) {
  const auto job = primesum("100,10,100");
  EXPECT_EQ(printed(*job, run_serially(*job, 7)), line(100) + "\n" + line(10) + "\n" + line(100));
  EXPECT_EQ(job->json(run_serially(*job, 3)).dump(),
            R"([{"limit":100,"sum":1060},{"limit":10,"sum":17},{"limit":100,"sum":1060}])");
}

TEST(PrimeSumTest, several_ranks_and_slots_give_the_same) {
  RunOptions options;
  options.slots = 2;
  for (const std::uint32_t ranks : {1U, 3U}) {
    const auto make = [] { return primesum("20000,10000"); };
    const auto run = run_on_loopback(ranks, options, make);
    EXPECT_EQ(printed(*make(), run.outcome.result), line(20000) + "\n" + line(10000));
  }
}

TEST(PrimeSumTest, limits_that_are_none_are_refused) {
  for (const char* wrong : {"", "abc", "10,", "5,-1", "4294967296"}) {
    EXPECT_THROW(primesum(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace taskrun::testing
