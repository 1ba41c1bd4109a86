// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "refusal.hpp"
#include "shared/item_random.hpp"
#include "sleep/distribution.hpp"

void register_job_sleep(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> sleeper(const Options& options) {
  return make_job(register_job_sleep, options);
}

// The mean of a distribution over many items.
double mean_of(const std::string& text) {
  const Distribution distribution("--seconds", text);
  double sum = 0;
  constexpr int count = 20'000;
  for (std::uint64_t item = 0; item < count; ++item) {
    const auto random = item_random(1, item);
    const double value =
        distribution.at((random[0] + 0.5) / 4294967296.0, (random[1] + 0.5) / 4294967296.0);
    EXPECT_GE(value, 0);
    sum += value;
  }
  return sum / count;
}

TEST(DistributionTest, means_are_those_of_the_textbook) {
  EXPECT_EQ(mean_of("0.25"), 0.25);
  EXPECT_EQ(mean_of("constant(0.25)"), 0.25);
  EXPECT_NEAR(mean_of("uniform(1, 3)"), 2, 0.03);
  EXPECT_NEAR(mean_of("exponential(2)"), 2, 0.06);
  EXPECT_NEAR(mean_of("normal(5,0.5)"), 5, 0.02);
  EXPECT_NEAR(mean_of("lognormal(0,0.5)"), std::exp(0.125), 0.02);
  EXPECT_NEAR(mean_of("pareto(3,2)"), 3, 0.06);
}

TEST(DistributionTest, what_is_none_is_refused) {
  for (const char* text : {"", "fast", "uniform(1)", "uniform(1,2", "uniform(1,2,3)", "normal(a,b)",
                           "1,2", "constant()", "inf", "uniform(1,2)x"}) {
    EXPECT_NE(refusal_of([&] {
                sleeper({{"seconds", text}});
              }).find("expected seconds"),
              std::string::npos)
        << text;
  }
}

TEST(SleepTest, the_times_depend_on_the_seed_alone) {
  const Options options{{"items", "50"}, {"seconds", "exponential(0.0001)"}};
  const auto job = sleeper(options);
  const std::string expected = printed(*job, run_serially(*job, 1));
  EXPECT_EQ(printed(*job, run_serially(*job, 50)), expected);
  RunOptions run_options;
  run_options.slots = 4;
  const auto run = run_on_loopback(2, run_options, [&] { return sleeper(options); });
  EXPECT_EQ(printed(*job, run.outcome.result), expected);
}

TEST(SleepTest, items_fail_as_often_as_asked_and_then_succeed) {
  const Options options{{"items", "40"}, {"seconds", "0"}, {"fail", "0.5"}};
  const auto job = sleeper(options);
  job->open();
  const auto failures = [&](std::uint32_t attempt) {
    int count = 0;
    for (std::uint64_t item = 0; item < 40; ++item) {
      const std::atomic<bool> stop = false;
      Context context(item, attempt, stop);
      try {
        job->map({item, item + 1}, {}, context);
      } catch (const std::runtime_error&) {
        ++count;
      }
    }
    return count;
  };
  // Half of 40 with a standard deviation of 3. The seed is fixed, and so is the answer.
  EXPECT_NEAR(failures(1), 20, 9);
  EXPECT_EQ(failures(2), 0);
  RunOptions run_options;
  run_options.retries = 1;
  const auto run = run_on_loopback(1, run_options, [&] { return sleeper(options); });
  EXPECT_TRUE(run.outcome.account.failed.empty());
  EXPECT_EQ(job->json(run.outcome.result)["items"], 40);
}

TEST(SleepTest, items_that_always_fail_are_named) {
  const Options options{{"items", "3"}, {"seconds", "0"}, {"fail", "1"}, {"fail-attempts", "0"}};
  const auto run = run_on_loopback(1, {}, [&] { return sleeper(options); });
  ASSERT_EQ(run.outcome.account.failed.size(), 3U);
  EXPECT_NE(run.outcome.account.failed[0].error.find("fails, as asked (attempt 3)"),
            std::string::npos);
}

TEST(SleepTest, an_hour_is_not_waited_for_a_result_that_nobody_wants) {
  const auto job = sleeper({{"items", "1"}, {"seconds", "3600"}});
  job->open();
  const std::atomic<bool> stop = true;
  Context context(0, 1, stop);
  job->map({0, 1}, {}, context);
}

}  // namespace
}  // namespace taskrun::testing
