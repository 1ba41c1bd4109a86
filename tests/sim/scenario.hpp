// SPDX-License-Identifier: MIT
// A random run with random trouble, all from one seed.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "taskrun/sim/simulation.hpp"
#include "test_jobs.hpp"
#include "text_sink.hpp"

namespace taskrun::testing {

/// Uniform numbers that are the same on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  /// From low to high, both included.
  std::uint64_t roll(std::uint64_t low, std::uint64_t high) {
    return low + random_() % (high - low + 1);
  }
  bool chance(std::uint64_t percent) { return roll(1, 100) <= percent; }
  Duration milliseconds(std::uint64_t low, std::uint64_t high) {
    return std::chrono::microseconds(roll(1000 * low, 1000 * high));
  }

 private:
  std::mt19937_64 random_;
};

enum class Kind { concatenation, float_sum, lines, failing };

struct Scenario {
  std::uint64_t seed;
  Kind kind;
  std::uint64_t item_count;
  std::uint64_t chunk_count;
  SimOptions options;
};

inline SimWorker random_worker(Dice& dice, bool first) {
  SimWorker worker;
  worker.slots = static_cast<std::uint32_t>(dice.roll(1, 3));
  worker.speed = static_cast<double>(dice.roll(1, 30)) / 10;
  if (first) return worker;
  if (dice.chance(30)) worker.dies = Time(dice.milliseconds(0, 3000));
  if (dice.chance(30)) {
    worker.stops = Time(dice.milliseconds(0, 2000));
    worker.stopped_for = dice.milliseconds(1, 20000);
  }
  return worker;
}

inline Scenario random_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario scenario;
  scenario.seed = seed;
  scenario.kind = static_cast<Kind>(dice.roll(0, 3));
  scenario.chunk_count = dice.chance(5) ? dice.roll(0, 2) : dice.roll(1, 150);
  scenario.item_count = scenario.kind == Kind::failing
                            ? scenario.chunk_count
                            : scenario.chunk_count * dice.roll(1, 3) + scenario.chunk_count / 2;
  SimOptions& options = scenario.options;
  options.seed = seed;
  const std::uint64_t workers = dice.roll(1, 10);
  for (std::uint64_t i = 0; i < workers; ++i) {
    options.workers.push_back(random_worker(dice, i == 0));
  }
  const Duration cost = dice.milliseconds(0, 60);
  const bool uneven = dice.chance(50);
  options.chunk_cost = [cost, uneven](std::uint64_t chunk) {
    return uneven ? cost * static_cast<int>(chunk * 7 % 10) : cost;
  };
  options.jitter = dice.milliseconds(0, 5);
  options.delay_ratio = static_cast<double>(dice.roll(0, 5)) / 100;
  options.delay = dice.milliseconds(10, 8000);
  options.duplicate_ratio = static_cast<double>(dice.roll(0, 20)) / 100;
  options.coordinator.schedule = all_schedules[dice.roll(0, all_schedules.size() - 1)];
  options.coordinator.credit = dice.chance(20) ? static_cast<std::uint32_t>(dice.roll(1, 8)) : 0;
  options.coordinator.output_budget_bytes = dice.chance(50) ? 64 : 1 << 20;
  return scenario;
}

inline std::unique_ptr<Job> make_job(const Scenario& scenario) {
  switch (scenario.kind) {
    case Kind::concatenation:
      return make_job<Concatenation>(scenario.item_count);
    case Kind::float_sum:
      return make_job<FloatSum>(scenario.item_count);
    case Kind::lines:
      return make_job<NumberedLines>(scenario.item_count);
    case Kind::failing:
      return make_job<Failing>(scenario.item_count);
  }
  return nullptr;
}

}  // namespace taskrun::testing
