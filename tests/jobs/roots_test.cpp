// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "refusal.hpp"

void register_job_roots(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> roots(const Options& options) { return make_job(register_job_roots, options); }

TEST(RootsTest, roots_of_small_squares_are_exact) {
  for (const std::uint64_t chunks : {1U, 3U, 1000U}) {
    const auto job = roots({{"below", "1000"}});
    EXPECT_EQ(printed(*job, run_serially(*job, chunks)),
              "sum of sqrt(i^2) for i below 1000: 499500, largest error 0");
  }
}

TEST(RootsTest, the_list_is_that_of_the_notes) {
  const auto job = roots({{"below", "10"}, {"list", ""}});
  EXPECT_EQ(printed(*job, run_serially(*job, 3)), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
}

TEST(RootsTest, large_roots_are_doubles_and_the_sum_is_theirs) {
  const auto job = roots({{"below", "9007199254740992"}});
  ASSERT_EQ(job->open().item_count, 9'007'199'254'740'992U);
  const std::atomic<bool> stop = false;
  Context context(0, 1, stop);
  const std::uint64_t from = 9'007'199'254'740'000;
  const auto left = job->map({from, from + 100}, {}, context);
  const auto right = job->map({from + 100, from + 992}, {}, context);
  const auto whole = job->map({from, from + 992}, {}, context);
  EXPECT_EQ(printed(*job, job->reduce(left, right)), printed(*job, whole));
  // The root of a rounded square is the number again, whatever its size.
  EXPECT_EQ(job->json(whole)["max_error"], 0.0);
  EXPECT_EQ(job->json(whole)["sum"], static_cast<double>(uint128{from} * 992 + 991 * 992 / 2));
}

TEST(RootsTest, ranks_and_slots_give_the_same) {
  RunOptions options;
  options.slots = 2;
  const auto make = [] { return roots({{"below", "30000"}}); };
  const auto run = run_on_loopback(3, options, make);
  EXPECT_EQ(make()->json(run.outcome.result).dump(),
            R"({"below":30000,"max_error":0.0,"sum":449985000.0})");
}

TEST(RootsTest, more_than_doubles_can_count_is_refused) {
  EXPECT_NE(refusal_of([] { roots({{"below", "1e16"}}); }).find("--below 1e16"), std::string::npos);
}

}  // namespace
}  // namespace taskrun::testing
