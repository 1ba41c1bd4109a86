// SPDX-License-Identifier: MIT
// Thousands of runs with deaths, stops, delays, doubled commits and slow workers. A failing seed is
// printed; TASKRUN_SIM_SEED=n replays that one, TASKRUN_SIM_SEEDS=n plays the first n.
#include <gtest/gtest.h>

#include <sstream>

#include "scenario.hpp"
#include "seeds.hpp"
#include "serial_result.hpp"

namespace taskrun::testing {
namespace {

/// What always holds; says so once where it does not.
void expect(bool holds, const char* what) {
  if (!holds) ADD_FAILURE() << "does not hold: " << what;
}

std::string told(const Job& job, Simulation& simulation, const TextSink& sink) {
  if (job.emits()) return sink.text;
  std::ostringstream text;
  text << std::hexfloat;
  job.print(simulation.result(), text);
  return text.str();
}

/// Plays the scenario and checks what must hold after every event. With a journal: as long as it
/// has not been written to so often; false when the coordinator crashed there.
bool play(const Scenario& scenario, std::uint64_t crash_at_write, std::string& result) {
  const auto job = make_job(scenario);
  job->open();
  TextSink sink;
  Simulation simulation(*job, Grid(scenario.item_count, scenario.chunk_count), scenario.options,
                        sink);
  const MemoryJournal* journal = scenario.options.journal;
  std::uint64_t done = 0;
  while (simulation.step()) {
    const Coordinator& coordinator = simulation.coordinator();
    expect(coordinator.plan().consistent(), "every chunk is in one state");
    expect(coordinator.plan().done().size() >= done, "what is done stays done");
    expect(simulation.event_count() < 1'000'000U, "the run ends");
    if (journal) {
      expect(coordinator.progress(simulation.now()).chunks_done <= journal->chunk_count(),
             "only what is durable counts");
      if (journal->write_count() == crash_at_write) return false;
    }
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << "after event " << simulation.event_count();
      return true;
    }
    done = coordinator.plan().done().size();
  }
  expect(simulation.coordinator().finished(), "nobody waits for ever");
  EXPECT_FALSE(simulation.coordinator().error()) << simulation.coordinator().error()->what();
  EXPECT_EQ(simulation.sent_to_departed(), 0U);
  expect(simulation.coordinator().plan().complete(), "every chunk is done or given up");
  if (!::testing::Test::HasFailure()) result = told(*job, simulation, sink);
  return true;
}

constexpr std::uint64_t no_crash = UINT64_MAX;

void expect_good_run(Scenario scenario) {
  std::string result;
  ASSERT_TRUE(play(scenario, no_crash, result));
  EXPECT_EQ(result, serial_result(scenario));
}

/// The coordinator crashes, and all workers with it, after every single write to the journal; the
/// run is resumed each time, by other workers.
void expect_good_resumed_run(Scenario scenario) {
  MemoryJournal journal;
  scenario.options.journal = &journal;
  const auto workers = scenario.options.workers;
  std::string result;
  for (std::uint64_t write = 1; !play(scenario, write, result); ++write) {
    scenario.options.workers.assign(workers.begin(), workers.begin() + 1 + write % workers.size());
    scenario.options.seed += 1000;
    ASSERT_LE(write, scenario.chunk_count + 1) << "a resumed run does not get on";
  }
  EXPECT_EQ(result, serial_result(scenario));
}

TEST(RandomRunsTest, every_run_ends_with_the_serial_result) { play_seeds(expect_good_run, 1); }

// Some ten runs each.
TEST(RandomRunsTest, so_does_a_run_that_crashes_at_every_write_and_is_resumed) {
  play_seeds(expect_good_resumed_run, 10);
}

}  // namespace
}  // namespace taskrun::testing
