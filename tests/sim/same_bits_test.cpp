// SPDX-License-Identifier: MIT
// A floating-point sum that shows every change of order or grouping: the same bits for any number
// of workers, every schedule, with copies at the tail, simulated and in threads. (tests/mpi asks
// the same of ranks.)
#include <gtest/gtest.h>

#include "loopback_run.hpp"
#include "sanitized.hpp"
#include "scenario.hpp"

namespace taskrun::testing {
namespace {

constexpr std::uint64_t items = 20000;
constexpr std::uint64_t chunks = 1777;

struct Simulated {
  double sum = 0;
  std::uint64_t copies = 0;
};

/// Workers of very different speeds, so that the tail has copies.
Simulated simulated_sum(std::uint32_t workers, Schedule schedule) {
  const auto job = make_job<FloatSum>(items);
  job->open();
  SimOptions options;
  options.coordinator.schedule = schedule;
  options.chunk_cost = [](std::uint64_t chunk) { return std::chrono::microseconds(chunk % 500); };
  for (std::uint32_t i = 0; i < workers; ++i) {
    SimWorker worker;
    worker.slots = 1 + i % 3;
    worker.speed = i % 4 == 3 ? 0.05 : 1;
    options.workers.push_back(worker);
  }
  TextSink sink;
  Simulation simulation(*job, Grid(items, chunks), options, sink);
  EXPECT_TRUE(simulation.run(10'000'000));
  return {std::any_cast<double>(simulation.result()),
          simulation.coordinator().account().lease_copies};
}

double threads_sum() {
  RunOptions options;
  options.slots = 2;
  options.chunk_count = chunks;
  const auto run = run_on_loopback(3, options, [] { return make_job<FloatSum>(items); });
  return std::any_cast<double>(run.outcome.result);
}

TEST(SameBitsTest, from_1_to_64_workers_with_every_schedule_and_with_copies) {
  const double expected = threads_sum();
  std::uint64_t copies = 0;
  for (const Schedule schedule : all_schedules) {
    for (std::uint32_t workers = 1; workers <= 64; workers += sanitized ? 9 : 1) {
      const Simulated run = simulated_sum(workers, schedule);
      ASSERT_EQ(run.sum, expected) << name_of(schedule) << ' ' << workers;
      copies += run.copies;
    }
  }
  EXPECT_GT(copies, 0U);  // else the test shows less than it says
}

TEST(SameBitsTest, another_grid_gives_other_bits) {
  // If this fails the sum is not sensitive enough to show anything.
  RunOptions options;
  options.chunk_count = chunks + 1;
  const auto run = run_on_loopback(1, options, [] { return make_job<FloatSum>(items); });
  EXPECT_NE(std::any_cast<double>(run.outcome.result), threads_sum());
}

}  // namespace
}  // namespace taskrun::testing
