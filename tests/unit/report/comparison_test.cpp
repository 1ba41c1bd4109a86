// SPDX-License-Identifier: MIT
#include "taskrun/report/comparison.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace taskrun {
namespace {

using namespace std::chrono_literals;

VariantFigures variant(const std::string& name, std::uint64_t at_once, Duration wall,
                       Duration processor) {
  VariantFigures figures;
  figures.name = name;
  figures.command = "taskrun job";
  figures.at_once = at_once;
  figures.wall = wall;
  figures.run = wall - 5ms;
  figures.processor = processor;
  figures.peak_memory_bytes = 12'300'000;
  figures.walls = {wall};
  return figures;
}

// A job that computes, on two cores: ten seconds on one.
Comparison computing(Duration threads = 5s, Duration processes = 5400ms) {
  Comparison c;
  c.job = "job";
  c.core_count = 2;
  c.chunk_count = 1000;
  c.variants = {variant("sequential", 1, 10s, 10s), variant("threads", 2, threads, 10s),
                variant("processes", 2, processes, 11s)};
  return c;
}

Comparison waiting(Duration together = 400ms) {
  Comparison c;
  c.job = "job";
  c.core_count = 2;
  c.chunk_count = 100;
  c.io_bound = true;
  c.variants = {variant("one at a time", 1, 10s, 100ms),
                variant("I/O threads", 32, together, 100ms)};
  return c;
}

bool says(const Comparison& c, const std::string& what) {
  const std::string sentence = comparison_sentence(c);
  const bool found = sentence.find(what) != std::string::npos;
  EXPECT_TRUE(found) << sentence;
  return found;
}

TEST(ComparisonTest, speed_up_is_against_the_first_and_efficiency_for_each_at_once) {
  const Comparison c = computing();
  EXPECT_DOUBLE_EQ(speed_up(c, c.variants[0]), 1);
  EXPECT_DOUBLE_EQ(speed_up(c, c.variants[1]), 2);
  EXPECT_DOUBLE_EQ(efficiency(c, c.variants[1]), 1);
  EXPECT_DOUBLE_EQ(load_of(c.variants[1]), 2);
}

TEST(ComparisonTest, the_table_has_a_row_for_each_variant) {
  EXPECT_EQ(comparison_table(computing()),
            "            at once  seconds  speed-up  efficiency  CPU seconds  peak memory\n"
            "sequential        1   10.000    1.00 x       100 %       10.000      12.3 MB\n"
            "threads           2    5.000    2.00 x       100 %       10.000      12.3 MB\n"
            "processes         2    5.400    1.85 x      92.6 %       11.000      12.3 MB\n");
}

TEST(ComparisonTest, bars_are_as_long_as_the_runs) {
  EXPECT_EQ(comparison_chart(computing(), 40),
            "sequential  #################### 10.0 s\n"
            "threads     ########## 5.00 s\n"
            "processes   ########### 5.40 s\n");
}

TEST(ComparisonTest, the_shortest_run_has_a_bar_as_well) {
  EXPECT_NE(comparison_chart(waiting(1us), 0).find("I/O threads    # 1.00 µs\n"),
            std::string::npos);
}

TEST(ComparisonTest, more_cores_help_a_job_that_computes) {
  EXPECT_EQ(comparison_sentence(computing()),
            "Fastest: threads, 2 times as fast as sequential: the job is CPU-bound (sequential "
            "wanted a core for 100 % of its time), and 2 cores shared the work.");
}

TEST(ComparisonTest, waiting_together_helps_a_job_that_waits) {
  EXPECT_EQ(comparison_sentence(waiting()),
            "Fastest: I/O threads, 25 times as fast as one at a time: the job is I/O-bound (one at "
            "a time wanted a core for only 1.0 % of its time), and up to 32 chunks waited at the "
            "same time.");
}

TEST(ComparisonTest, a_job_of_both_kinds_is_told_as_such) {
  Comparison c = waiting();
  c.variants[0].processor = 5s;
  says(c, "the job computes and waits in turn");
}

TEST(ComparisonTest, a_core_that_others_had_was_wanted_all_the_same) {
  Comparison c = computing();
  c.variants[0].processor = 4s;
  c.variants[0].queued = 6s;
  says(c, "CPU-bound");
}

TEST(ComparisonTest, what_starting_took_is_told_where_it_matters) {
  Comparison c = computing();
  c.variants[2].wall = 6s;
  c.variants[2].run = 5s;
  says(c, "of the 6.00 s of processes 1.00 s went into starting and ending");
}

TEST(ComparisonTest, overhead_is_not_recovered_in_a_short_run) {
  Comparison c = computing();
  c.variants = {variant("sequential", 1, 12ms, 8ms), variant("threads", 2, 13ms, 9ms)};
  EXPECT_EQ(comparison_sentence(c),
            "Fastest: sequential: the parallel overhead is not recouped in a run of 12.0 ms.");
}

TEST(ComparisonTest, too_many_on_too_few_cores_are_named) {
  Comparison c = computing(10s, 11s);
  c.core_count = 1;
  says(c, "oversubscribed: 2 took turns on 1 core");
}

TEST(ComparisonTest, too_few_chunks_are_named) {
  Comparison c = computing(7s, 8s);
  c.chunk_count = 3;
  says(c, "3 chunks are too few for 2 to share evenly");
}

TEST(ComparisonTest, work_that_grows_with_the_cores_is_named) {
  Comparison c = computing(8s, 9s);
  c.variants[1].processor = 16s;
  says(c, "the same work took 1.60 times the processor time");
}

TEST(ComparisonTest, a_busy_machine_is_named) {
  Comparison c = computing(8s, 9s);
  c.variants[1].queued = 5s;
  says(c, "the machine was busy with other programs as well");
}

TEST(ComparisonTest, a_small_gain_is_called_small) {
  says(computing(9800ms, 11s), "Fastest: threads, but by 2.0 % only: the job is CPU-bound");
}

TEST(ComparisonTest, a_start_that_takes_much_of_the_time_is_named) {
  Comparison c = computing(8s, 9s);
  c.variants[1].run = 5s;
  says(c, "overhead: 3.00 s of 8.00 s went into starting and ending");
}

TEST(ComparisonTest, where_nothing_else_explains_it_the_cores_waited) {
  says(computing(8s, 9s), "; the cores waited for each other.");
}

TEST(ComparisonTest, a_server_that_does_one_thing_at_a_time_is_suspected) {
  says(waiting(10s), "Fastest: one at a time: the job is I/O-bound");
  says(waiting(10s), "what they wait for does one thing at a time");
}

TEST(ComparisonTest, a_job_that_waits_unknown_to_taskrun_is_advised) {
  Comparison c = computing();
  c.variants = {variant("sequential", 1, 10s, 100ms), variant("threads", 2, 10s, 100ms)};
  says(c, "2 at once are too few: give more --threads than cores");
}

// Whether every element is closed in order; enough of XML for what is written here.
bool well_formed(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
    const std::size_t end = text.find('>', at);
    if (end == text.npos) return false;
    const std::string tag = text.substr(at + 1, end - at - 1);
    if (tag.starts_with('?') || tag.ends_with('/')) continue;
    if (!tag.starts_with('/')) {
      open.push_back(tag.substr(0, tag.find(' ')));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

TEST(ComparisonTest, the_picture_is_well_formed_and_has_every_bar) {
  Comparison c = computing();
  c.job = "a<b & c";
  const std::string svg = comparison_svg(c);
  EXPECT_TRUE(well_formed(svg)) << svg;
  EXPECT_NE(svg.find("<title>a&lt;b &amp; c</title>"), std::string::npos);
  for (const auto& one : c.variants) {
    EXPECT_NE(svg.find(">" + one.name + "</text>"), std::string::npos) << one.name;
  }
  EXPECT_NE(svg.find("5.00 s, 2.00 x"), std::string::npos);
  for (const char* const length : {"width=\"400.0\"", "width=\"200.0\"", "width=\"216.0\""}) {
    EXPECT_NE(svg.find(length), std::string::npos) << length;
  }
}

TEST(ComparisonTest, json_has_all_figures) {
  Comparison c = computing();
  c.left_out = {{"event loop", "there is none"}};
  c.variants[1].queued = 500ms;
  const auto told = comparison_json(c);
  EXPECT_EQ(told["core_count"], 2);
  EXPECT_EQ(told["variants"].size(), 3U);
  EXPECT_EQ(told["variants"][1]["name"], "threads");
  EXPECT_EQ(told["variants"][1]["wall_seconds"], 5.0);
  EXPECT_EQ(told["variants"][1]["run_seconds"], 4.995);
  EXPECT_EQ(told["variants"][1]["processor_seconds"], 10.0);
  EXPECT_EQ(told["variants"][1]["queued_seconds"], 0.5);
  EXPECT_EQ(told["variants"][1]["at_once"], 2);
  EXPECT_EQ(told["variants"][1]["speed_up_ratio"], 2.0);
  EXPECT_EQ(told["variants"][1]["efficiency_ratio"], 1.0);
  EXPECT_EQ(told["variants"][1]["repeated_wall_seconds"].size(), 1U);
  EXPECT_EQ(told["left_out"][0]["why"], "there is none");
  EXPECT_EQ(told["conclusion"], comparison_sentence(c));
}

}  // namespace
}  // namespace taskrun
