// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "pi/dart_lanes.hpp"
#include "reference.hpp"
#include "refusal.hpp"

void register_job_pi(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> pi(const Options& options) { return make_job(register_job_pi, options); }

// Dart by dart, with Random123 alone.
std::uint64_t hits_one_by_one(std::uint64_t seed, std::uint64_t begin, std::uint64_t end) {
  std::uint64_t hits = 0;
  for (std::uint64_t i = begin; i < end; ++i) {
    const std::uint64_t pair = i / 2;
    const auto words = r123::Philox4x32{}({{std::uint32_t(pair), std::uint32_t(pair >> 32), 0, 0}},
                                          {{std::uint32_t(seed), std::uint32_t(seed >> 32)}});
    const std::size_t first = i % 2 == 0 ? 0 : 2;
    const Wide x = (words[first] >> 1) | 1;
    const Wide y = (words[first + 1] >> 1) | 1;
    hits += x * x + y * y < Wide{1} << 62;
  }
  return hits;
}

TEST(PiTest, the_generator_is_the_published_one) {
  // The known answer of Random123 for a counter and a key of zeros (kat_vectors, philox4x32 10).
  const auto words = item_random(0, 0);
  EXPECT_EQ(words[0], 0x6627e8d5U);
  EXPECT_EQ(words[1], 0xe169c58dU);
  EXPECT_EQ(words[2], 0xbc57ac4cU);
  EXPECT_EQ(words[3], 0x9b00dbd8U);
}

TEST(PiTest, lanes_count_what_single_darts_count) {
  for (std::uint64_t begin = 0; begin < 20; ++begin) {
    for (std::uint64_t end = begin; end < begin + 70; ++end) {
      ASSERT_EQ(count_hits(5, begin, end), hits_one_by_one(5, begin, end)) << begin << ' ' << end;
    }
  }
}

TEST(PiTest, seeds_and_darts_of_64_bits_count) {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    for (const std::uint64_t begin : {(std::uint64_t{1} << 33) - 100, std::uint64_t{1} << 52}) {
      EXPECT_EQ(count_hits(seed, begin, begin + 999), hits_one_by_one(seed, begin, begin + 999));
    }
  }
}

TEST(PiTest, a_million_darts_come_close_and_are_always_the_same) {
  const auto job = pi({{"samples", "1e6"}, {"seed", "1"}});
  const auto result = run_serially(*job, 3);
  const auto json = job->json(result);
  EXPECT_NEAR(json["pi"].get<double>(), 3.14159265, 4 * json["standard_error"].get<double>());
  EXPECT_NEAR(json["standard_error"].get<double>(), 0.00164, 0.00002);
  EXPECT_EQ(json["hits"].get<std::uint64_t>(), hits_one_by_one(1, 0, 1'000'000));
}

TEST(PiTest, intervals_hold_pi_as_often_as_they_say) {
  int held = 0;
  for (int seed = 0; seed < 1000; ++seed) {
    const auto job = pi({{"samples", "10000"}, {"seed", std::to_string(seed)}});
    const auto json = job->json(run_serially(*job, 1));
    held += json["low_95"] < M_PI && M_PI < json["high_95"];
  }
  // 950 of 1000 with a standard deviation of 7. The seeds are fixed, and so is the answer.
  EXPECT_GT(held, 925);
  EXPECT_LT(held, 975);
}

TEST(PiTest, every_grid_ranks_and_slots_give_the_same_line) {
  const auto job = pi({{"samples", "100001"}});
  const std::string line = printed(*job, run_serially(*job, 1));
  for (const std::uint64_t chunks : {2U, 7U, 1000U, 100001U}) {
    EXPECT_EQ(printed(*job, run_serially(*job, chunks)), line) << chunks << " chunks";
  }
  RunOptions options;
  options.slots = 2;
  options.chunk_count = 333;
  for (const std::uint32_t ranks : {1U, 3U}) {
    const auto run = run_on_loopback(ranks, options, [] { return pi({{"samples", "100001"}}); });
    EXPECT_EQ(printed(*job, run.outcome.result), line) << ranks << " ranks";
  }
}

TEST(PiTest, no_darts_are_refused) {
  EXPECT_EQ(refusal_of([] {
              pi({{"samples", "0"}});
            }),
            "--samples 0: expected a whole number from 1 to 9007199254740992, such as 1000 or 1e6");
}

}  // namespace
}  // namespace taskrun::testing
