// SPDX-License-Identifier: MIT
// Runs with one rank that lies at random in its messages: the result is the serial one, or the run
// ends with an error. TASKRUN_SIM_SEED and TASKRUN_SIM_SEEDS as in random_runs_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "growing.hpp"
#include "liar.hpp"
#include "scenario.hpp"
#include "seeds.hpp"
#include "serial_result.hpp"

namespace taskrun::testing {
namespace {

constexpr std::uint64_t most_events = 300'000;  // of honest runs, the longest has a tenth of that

/// Two machines that are not the coordinator's, so that siblings watch each other.
Frame on_one_of_two_machines(Frame frame, std::uint32_t rank) {
  ToCoordinator message = decode_to_coordinator(frame);
  Hello* hello = std::get_if<Hello>(&message);
  if (hello == nullptr) return frame;
  hello->process.machine = 1 + rank % 2;
  return encode_message(std::move(message));
}

/// So that the virtual slots come to an end with what they are told to compute.
bool too_long_to_play(const Frame& frame) {
  constexpr std::uint64_t most = 1000;
  try {
    const ToWorker message = decode_to_worker(frame);
    const Welcome* welcome = std::get_if<Welcome>(&message);
    return welcome != nullptr && (welcome->item_count > most || welcome->chunk_count > most);
  } catch (const CorruptData&) {
    return false;
  }
}

Scenario lying_scenario(Scenario scenario, std::uint32_t& liar) {
  Dice dice(scenario.seed ^ 0x11a8);
  auto& workers = scenario.options.workers;
  if (workers.size() < 2) workers.emplace_back();
  const bool only_lies = dice.chance(60);
  for (SimWorker& worker : workers) {
    if (only_lies) worker.dies = worker.stops = never;
  }
  liar = static_cast<std::uint32_t>(dice.roll(1, workers.size() - 1));
  if (only_lies && dice.chance(20)) liar = 0;
  scenario.options.coordinator.stalled_after = std::chrono::seconds(120);
  return scenario;
}

/// Whatever that rank says passes through the liar.
auto told_by(Liar& lies, std::uint32_t liar) {
  return [&lies, liar](std::uint32_t from, std::uint32_t to, Frame frame) {
    if (to == 0) frame = on_one_of_two_machines(std::move(frame), from);
    if (to == liar) lies.hear(frame);
    std::vector<Frame> said;
    if (from == liar) {
      said = lies.instead_of(std::move(frame));
      std::erase_if(said, too_long_to_play);
    } else {
      said.push_back(std::move(frame));
    }
    return said;
  };
}

/// Plays it to its end. Whether it claims to be complete, with all failed chunks named.
bool play_lies(const Scenario& scenario, Simulation& simulation) {
  const Coordinator& coordinator = simulation.coordinator();
  while (simulation.event_count() < most_events && simulation.step()) {
    const bool checked = scenario.seed % 16 == 0;
    EXPECT_TRUE(!checked || coordinator.plan().consistent());
  }
  EXPECT_TRUE(coordinator.finished()) << "the run ends";
  EXPECT_TRUE(simulation.run_workers_out(most_events)) << "and its workers";
  const Account account = coordinator.account();
  if (coordinator.error()) {
    EXPECT_STRNE(coordinator.error()->what(), "");
    return false;
  }
  EXPECT_TRUE(coordinator.plan().complete());
  return !::testing::Test::HasFailure() && account.failed.size() == account.chunks_failed;
}

/// Of all plays.
struct Seen {
  std::uint64_t lies = 0;
  std::uint64_t compared = 0;  ///< results
};

void expect_right_or_error(Scenario honest, Seen& seen) {
  std::uint32_t liar = 0;
  Scenario scenario = lying_scenario(std::move(honest), liar);
  MemoryJournal journal;
  if (scenario.seed % 3 == 0) scenario.options.journal = &journal;
  Liar lies(scenario.seed, liar == 0 ? Liar::Place::rank_0 : Liar::Place::elsewhere);
  scenario.options.on_the_way = told_by(lies, liar);
  const auto job = make_job(scenario);
  job->open();
  TextSink sink;
  Simulation simulation(*job, Grid(scenario.item_count, scenario.chunk_count), scenario.options,
                        sink);
  const bool complete = play_lies(scenario, simulation);
  seen.lies += lies.lie_count();
  if (!complete) return;
  if (liar == 0) return;  // workers computed what they were told to
  ++seen.compared;
  const auto failed = simulation.coordinator().account().failed;
  if (!job->emits()) {
    std::ostringstream text;
    text << std::hexfloat;
    job->print(simulation.result(), text);
    EXPECT_EQ(text.str(), serial_result(scenario, failed));
  } else {
    EXPECT_EQ(sink.text, serial_result(scenario, failed));
  }
}

void expect_right_or_error_of_input_that_comes(Scenario honest, Seen& seen) {
  std::uint32_t liar = 0;
  Scenario scenario = lying_scenario(std::move(honest), liar);
  scenario.options.input = random_input(scenario.seed);
  Liar lies(scenario.seed, liar == 0 ? Liar::Place::rank_0 : Liar::Place::elsewhere);
  scenario.options.on_the_way = told_by(lies, liar);
  TypedJob<Growing> job;
  job.open();
  TextSink sink;
  Simulation simulation(job, Grid::open_ended(), scenario.options, sink);
  const bool complete = play_lies(scenario, simulation);
  seen.lies += lies.lie_count();
  if (!complete || liar == 0) return;
  const std::uint64_t count = scenario.options.input.back().state.item_count;
  const std::string expected = expected_text(count);
  const auto lines = std::count(expected.begin(), expected.end(), '\n');
  const std::uint64_t honest_failures = count - static_cast<std::uint64_t>(lines);
  if (simulation.coordinator().account().failed.size() > honest_failures) return;
  ++seen.compared;
  EXPECT_EQ(sink.text, expected);
}

void play_lies_of_seeds(void (*good)(Scenario, Seen&), std::uint64_t share) {
  Seen seen;
  play_seeds([&](Scenario scenario) { good(std::move(scenario), seen); }, share);
  if (only_seed() != 0) return;
  EXPECT_GT(seen.lies, 0U);
  EXPECT_GT(seen.compared, 0U);
}

TEST(LyingRankTest, a_run_is_right_or_ends_with_an_error) {
  play_lies_of_seeds(expect_right_or_error, 5);
}

TEST(LyingRankTest, so_does_a_run_whose_input_comes_while_it_goes_on) {
  play_lies_of_seeds(expect_right_or_error_of_input_that_comes, 10);
}

}  // namespace
}  // namespace taskrun::testing
