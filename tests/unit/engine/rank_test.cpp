// SPDX-License-Identifier: MIT
#include "taskrun/engine/rank.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "loopback_run.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

RunOptions two_slots() {
  RunOptions options;
  options.slots = 2;
  return options;
}

double float_sum(std::uint32_t ranks, const RunOptions& options) {
  const auto run = run_on_loopback(ranks, options, [] { return make_job<FloatSum>(20000); });
  return std::any_cast<double>(run.outcome.result);
}

TEST(RankTest, float_bits_are_the_same_for_every_schedule_and_number_of_ranks) {
  RunOptions options = two_slots();
  options.chunk_count = 1777;
  const double expected = float_sum(1, options);
  for (const Schedule schedule : all_schedules) {
    options.schedule = schedule;
    for (const std::uint32_t ranks : {1U, 2U, 5U}) {
      EXPECT_EQ(float_sum(ranks, options), expected) << name_of(schedule) << ' ' << ranks;
    }
  }
}

TEST(RankTest, emitted_output_is_in_order) {
  RunOptions options = two_slots();
  options.chunk_count = 300;
  const auto run = run_on_loopback(3, options, [] { return make_job<NumberedLines>(1000); });
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(run.output, expected);
}

TEST(RankTest, a_chunk_that_fails_is_tried_again_and_then_left_out) {
  RunOptions options = two_slots();
  options.chunk_count = 40;
  const auto run = run_on_loopback(2, options, [] { return make_job<Failing>(40); });
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    if (i % 11 != 10) expected += std::to_string(i) + ",";
  }
  EXPECT_EQ(std::any_cast<std::string>(run.outcome.result), expected);
  const Account& account = run.outcome.account;
  ASSERT_EQ(account.failed.size(), 3U);
  EXPECT_EQ(account.chunks_failed, 3U);
  EXPECT_EQ(account.failed.front().error, "always");
  EXPECT_EQ(account.failed.front().attempts, 3U);
}

// Every third chunk fails, and has written something.
struct HalfLines : NumberedLines {
  void emit(Range part, Output& out) const {
    NumberedLines::emit(part, out);
    if (part.first() % 3 == 0) throw ChunkFailed("every third");
  }
};

TEST(RankTest, what_a_failed_chunk_wrote_may_be_part_of_the_output) {
  RunOptions options = two_slots();
  options.chunk_count = 60;
  const auto whole = run_on_loopback(2, options, [] { return make_job<NumberedLines>(60); });
  const auto run = run_on_loopback(2, options, [] { return make_job<HalfLines>(60); });
  EXPECT_EQ(run.output, whole.output);
  EXPECT_EQ(run.outcome.account.chunks_failed, 20U);
}

struct UnorderedLines : NumberedLines {
  bool unordered() const { return true; }
};

TEST(RankTest, outputs_may_leave_as_they_come) {
  RunOptions options = two_slots();
  options.chunk_count = 100;
  const auto run = run_on_loopback(3, options, [] { return make_job<UnorderedLines>(1000); });
  std::set<int> numbers;
  std::istringstream lines(run.output);
  for (int number = 0; lines >> number;) numbers.insert(number);
  EXPECT_EQ(numbers.size(), 1000U);
  EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1000);
}

TEST(RankTest, a_dataset_without_items_gives_the_empty_result) {
  const auto run = run_on_loopback(2, two_slots(), [] { return make_job<Concatenation>(0); });
  EXPECT_EQ(std::any_cast<std::string>(run.outcome.result), "");
}

TEST(RankTest, more_chunks_than_items_are_refused) {
  RunOptions options = two_slots();
  options.chunk_count = 11;
  try {
    run_on_loopback(2, options, [] { return make_job<Concatenation>(10); });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
  }
}

struct BadReduce : Concatenation {
  std::string reduce(const std::string&, const std::string&) const {
    throw std::runtime_error("cannot reduce");
  }
};

TEST(RankTest, a_reduce_that_throws_ends_the_run_with_its_error) {
  for (const std::uint32_t ranks : {1U, 3U}) {
    try {
      run_on_loopback(ranks, two_slots(), [] { return make_job<BadReduce>(1000); });
      FAIL() << "no error";
    } catch (const std::exception& error) {
      EXPECT_NE(std::string(error.what()).find("cannot reduce"), std::string::npos);
    }
  }
}

TEST(RankTest, the_account_adds_up) {
  RunOptions options = two_slots();
  options.chunk_count = 100;
  const auto run = run_on_loopback(2, options, [] { return make_job<Concatenation>(1000); });
  const Account& account = run.outcome.account;
  EXPECT_EQ(account.chunk_count, 100U);
  EXPECT_GE(account.chunks_computed, 100U);
  EXPECT_EQ(account.ranks, 2U);
  EXPECT_EQ(account.slot_count(), 4U);
  EXPECT_GT(account.wall, Duration::zero());
  EXPECT_EQ(run.observer.progress.chunks_done, 100U);
  EXPECT_EQ(run.observer.progress.items_done, 1000U);
}

}  // namespace
}  // namespace taskrun::testing
