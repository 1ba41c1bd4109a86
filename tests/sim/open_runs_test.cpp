// SPDX-License-Identifier: MIT
// Runs whose input comes while they go on, in random pieces at random times, with all the trouble
// of random_runs_test.cpp. TASKRUN_SIM_SEED and TASKRUN_SIM_SEEDS as there.
#include <gtest/gtest.h>

#include "growing.hpp"
#include "scenario.hpp"
#include "seeds.hpp"

namespace taskrun::testing {
namespace {

/// False when the coordinator crashed after so many writes to the journal.
bool play_open(const Scenario& scenario, std::uint64_t crash_at_write, std::string& output) {
  TypedJob<Growing> job;
  EXPECT_TRUE(job.open().is_open_ended);
  TextSink sink;
  Simulation simulation(job, Grid::open_ended(), scenario.options, sink);
  const Coordinator& coordinator = simulation.coordinator();
  const MemoryJournal* journal = scenario.options.journal;
  std::uint64_t done = 0;
  while (simulation.step() && !::testing::Test::HasFailure()) {
    EXPECT_TRUE(coordinator.plan().consistent());
    EXPECT_GE(coordinator.plan().done().size(), done) << "what is done stays done";
    EXPECT_LT(simulation.event_count(), 1'000'000U) << "the run ends";
    done = coordinator.plan().done().size();
    if (journal && journal->write_count() == crash_at_write) return false;
  }
  EXPECT_TRUE(coordinator.finished()) << "nobody waits for ever";
  EXPECT_FALSE(coordinator.error());
  EXPECT_TRUE(coordinator.plan().complete());
  EXPECT_EQ(simulation.sent_to_departed(), 0U);
  static_cast<void>(simulation.result());
  output = sink.text;
  return true;
}

void expect_good_open_run(Scenario scenario) {
  scenario.options.input = random_input(scenario.seed);
  std::string output;
  ASSERT_TRUE(play_open(scenario, UINT64_MAX, output));
  EXPECT_EQ(output, expected_text(scenario.options.input.back().state.item_count));
}

// The same input comes again each time, faster or slower.
void expect_good_resumed_open_run(Scenario scenario) {
  MemoryJournal journal;
  scenario.options.journal = &journal;
  const auto input = random_input(scenario.seed);
  std::string output;
  for (std::uint64_t write = 1;; ++write) {
    scenario.options.input = input;
    for (SimInput& piece : scenario.options.input)
      piece.at = Time(piece.at.time_since_epoch() / write);
    if (play_open(scenario, write, output)) break;
    scenario.options.seed += 1000;
    ASSERT_LE(write, input.back().state.item_count + 1) << "a resumed run does not get on";
  }
  EXPECT_EQ(output, expected_text(input.back().state.item_count));
}

TEST(OpenRunsTest, every_run_ends_with_all_of_its_input) { play_seeds(expect_good_open_run, 10); }

TEST(OpenRunsTest, so_does_a_run_that_crashes_at_every_write_and_reads_its_input_again) {
  play_seeds(expect_good_resumed_open_run, 50);
}

}  // namespace
}  // namespace taskrun::testing
