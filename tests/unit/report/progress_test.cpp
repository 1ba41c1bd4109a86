// SPDX-License-Identifier: MIT
#include "taskrun/report/progress.hpp"

#include <gtest/gtest.h>

namespace taskrun {
namespace {

using namespace std::chrono_literals;

Progress half_way() {
  Progress p;
  p.chunks_done = 50;
  p.chunk_count = 100;
  p.items_done = 500'000;
  p.item_count = 1'000'000;
  p.elapsed = 10s;
  return p;
}

TEST(ProgressTest, a_line_tells_share_rate_and_time_left) {
  EXPECT_EQ(progress_line(half_way()), "50 % of 1.00 M items, 50.0 k items/s, 10.0 s left");
}

TEST(ProgressTest, nothing_is_promised_before_anything_is_done) {
  Progress p = half_way();
  p.chunks_done = p.items_done = 0;
  EXPECT_EQ(progress_line(p), "0 % of 1.00 M items");
}

TEST(ProgressTest, what_was_restored_is_done_but_not_fast) {
  Progress p = half_way();
  p.items_restored = 250'000;
  EXPECT_EQ(progress_line(p), "50 % of 1.00 M items, 25.0 k items/s, 20.0 s left");
}

TEST(ProgressTest, a_hundred_per_cent_means_complete) {
  Progress p = half_way();
  p.items_done = 999'999;
  p.chunks_done = 99;
  EXPECT_EQ(progress_line(p).substr(0, 5), "99 % ");
  p.chunks_failed = 1;
  EXPECT_EQ(progress_line(p).substr(0, 6), "100 % ");
}

TEST(ProgressTest, failed_chunks_are_told) {
  Progress p = half_way();
  p.chunks_failed = 3;
  EXPECT_NE(progress_line(p).find("3 chunks failed"), std::string::npos);
}

TEST(ProgressTest, the_bar_fills_with_the_share) {
  const std::string bar = progress_bar(half_way(), 200);
  EXPECT_EQ(bar, " 50 % [" + std::string(20, '#') + std::string(20, '.') +
                     "] 50.0 k items/s, 10.0 s left");
}

TEST(ProgressTest, the_bar_never_exceeds_the_width) {
  for (std::size_t width = 0; width < 120; ++width) {
    EXPECT_LE(progress_bar(half_way(), width).size(), width);
  }
}

TEST(ProgressPaceTest, first_comes_an_interval_of_silence_then_at_most_one_each) {
  ProgressPace pace(5s);
  const Time start{};
  EXPECT_FALSE(pace.due(start));
  EXPECT_FALSE(pace.due(start + 4900ms));
  EXPECT_TRUE(pace.due(start + 5s));
  EXPECT_FALSE(pace.due(start + 9900ms));
  EXPECT_TRUE(pace.due(start + 12s));
  EXPECT_FALSE(pace.due(start + 16s));
}

TEST(ProgressPaceTest, the_first_may_come_earlier) {
  ProgressPace pace(5s, 1s);
  const Time start{};
  EXPECT_FALSE(pace.due(start));
  EXPECT_TRUE(pace.due(start + 1s));
  EXPECT_FALSE(pace.due(start + 5900ms));
  EXPECT_TRUE(pace.due(start + 6s));
}

// The counts at which something is shown when items end one by one.
std::vector<std::uint64_t> shown_at(ProgressSteps steps, std::uint64_t items, Extent extent) {
  std::vector<std::uint64_t> shown;
  Progress p;
  p.extent = extent;
  p.item_count = items;
  for (p.items_done = 0; p.items_done <= items; ++p.items_done) {
    if (steps.due(p)) shown.push_back(p.items_done);
  }
  return shown;
}

TEST(ProgressStepsTest, something_is_shown_each_so_many_items) {
  using Counts = std::vector<std::uint64_t>;
  EXPECT_EQ(shown_at(ProgressSteps(3), 10, Extent::known), (Counts{1, 3, 6, 9}));
  EXPECT_EQ(shown_at(ProgressSteps(0), 4, Extent::known), (Counts{1, 2, 3, 4}));
  EXPECT_EQ(shown_at(ProgressSteps(0), 1000, Extent::known).size(), 21U);
  EXPECT_EQ(shown_at(ProgressSteps(0), 120, Extent::open), (Counts{1, 2, 5, 10, 20, 50, 100}));
}

TEST(ProgressStepsTest, leaps_and_extremes_are_one_step) {
  ProgressSteps steps(10);
  Progress p;
  p.item_count = UINT64_MAX;
  p.items_done = 95;
  EXPECT_TRUE(steps.due(p));
  p.items_done = 99;
  EXPECT_FALSE(steps.due(p));
  p.items_done = UINT64_MAX - 1;
  EXPECT_TRUE(steps.due(p));
  ProgressSteps open(0);
  p.extent = Extent::open;
  EXPECT_TRUE(open.due(p));
}

TEST(ProgressTest, a_step_tells_items_and_time) {
  EXPECT_EQ(progress_step_line(half_way()),
            "500000 of 1000000 items done after 10.0 s, 50.0 k items/s, 10.0 s left");
}

TEST(ProgressTextTest, of_an_open_input_nobody_knows_a_share) {
  Progress progress;
  progress.extent = Extent::open;
  progress.items_done = 1500;
  progress.item_count = 2000;
  progress.elapsed = std::chrono::seconds(2);
  const std::string text = "1.50 k items done, input still open, 750 items/s";
  EXPECT_EQ(progress_line(progress), text);
  EXPECT_EQ(progress_bar(progress, 80), text);
  EXPECT_EQ(progress_bar(progress, 10).size(), 10U);
  progress.extent = Extent::ended;
  EXPECT_TRUE(progress_line(progress).starts_with("75 % of 2.00 k items"));
}

}  // namespace
}  // namespace taskrun
