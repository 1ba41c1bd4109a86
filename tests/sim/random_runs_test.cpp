// SPDX-License-Identifier: MIT
// Thousands of runs with deaths, stops, delays, doubled commits and slow workers. A failing seed is
// printed; TASKRUN_SIM_SEED=n replays that one, TASKRUN_SIM_SEEDS=n plays the first n.
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "scenario.hpp"

namespace taskrun::testing {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Chunk after chunk in one loop, then reduced level by level: no plan, no messages.
std::string serial_result(const Scenario& scenario) {
  const auto job = make_job(scenario);
  job->open();
  const Grid grid(scenario.item_count, scenario.chunk_count);
  const std::atomic<bool> stop = false;
  std::vector<Partial> level;
  std::string output;
  for (std::uint64_t chunk = 0; chunk < scenario.chunk_count; ++chunk) {
    Context context(chunk, 2, stop);  // the second try: only what fails always fails
    Partial partial;
    try {
      partial = job->map(grid.items(chunk), {}, context);
    } catch (const std::runtime_error&) {
    }
    if (job->emits()) output += std::any_cast<std::string>(partial);
    level.push_back(std::move(partial));
  }
  if (job->emits()) return output;
  while (level.size() > 1) {
    std::vector<Partial> next;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      Partial& left = level[i];
      if (i + 1 == level.size() || !level[i + 1].has_value()) {
        next.push_back(std::move(left));
      } else if (!left.has_value()) {
        next.push_back(std::move(level[i + 1]));
      } else {
        next.push_back(job->reduce(std::move(left), std::move(level[i + 1])));
      }
    }
    level = std::move(next);
  }
  const bool none = level.empty() || !level.front().has_value();
  std::ostringstream text;
  text << std::hexfloat;
  job->print(none ? job->nothing() : level.front(), text);
  return text.str();
}

std::string told(const Job& job, Simulation& simulation, const TextSink& sink) {
  if (job.emits()) return sink.text;
  std::ostringstream text;
  text << std::hexfloat;
  job.print(simulation.result(), text);
  return text.str();
}

/// Plays the scenario and checks what must hold after every event.
void expect_good_run(const Scenario& scenario) {
  const auto job = make_job(scenario);
  job->open();
  TextSink sink;
  Simulation simulation(*job, Grid(scenario.item_count, scenario.chunk_count), scenario.options,
                        sink);
  std::uint64_t done = 0;
  while (simulation.step()) {
    const Plan& plan = simulation.coordinator().plan();
    ASSERT_TRUE(plan.consistent()) << "after event " << simulation.event_count();
    ASSERT_GE(plan.done().size(), done);
    done = plan.done().size();
    ASSERT_LT(simulation.event_count(), 1'000'000U) << "the run does not end";
  }
  ASSERT_TRUE(simulation.coordinator().finished());
  ASSERT_FALSE(simulation.coordinator().error()) << simulation.coordinator().error()->what();
  EXPECT_EQ(simulation.sent_to_departed(), 0U);
  EXPECT_TRUE(simulation.coordinator().plan().complete());
  EXPECT_EQ(told(*job, simulation, sink), serial_result(scenario));
}

TEST(RandomRunsTest, every_run_ends_with_the_serial_result) {
  const std::uint64_t only = from_environment("TASKRUN_SIM_SEED", 0);
  const std::uint64_t count = from_environment("TASKRUN_SIM_SEEDS", 2000);
  for (std::uint64_t seed = only ? only : 1; seed <= (only ? only : count); ++seed) {
    expect_good_run(random_scenario(seed));
    if (HasFailure()) FAIL() << "replay with TASKRUN_SIM_SEED=" << seed;
  }
}

}  // namespace
}  // namespace taskrun::testing
