// SPDX-License-Identifier: MIT
#include "taskrun/engine/rank.hpp"

#include <gtest/gtest.h>

#include "loopback_run.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

auto make(std::uint64_t items) {
  return [items] {
    auto job = std::make_unique<TypedJob<FloatSum>>();
    Params params;
    job->declare(params);
    params.all().front().parse(std::to_string(items));
    return job;
  };
}

TEST(RankTest, one_rank_and_three_give_the_same_bits) {
  RunOptions options;
  options.slots = 2;
  options.chunk_count = 777;
  const auto one = run_on_loopback(1, options, make(5000));
  const auto three = run_on_loopback(3, options, make(5000));
  EXPECT_EQ(std::any_cast<double>(one.outcome.result), std::any_cast<double>(three.outcome.result));
}

}  // namespace
}  // namespace taskrun::testing
