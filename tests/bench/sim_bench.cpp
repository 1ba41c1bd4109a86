// SPDX-License-Identifier: MIT
// What the simulator costs, and what it shows of stragglers and of load. Prints JSON.
//
//   sim_bench scale WORKERS LEASES     that many leases of one chunk of a second each
//   sim_bench load WORKERS CHUNKS CHUNK_SECONDS MESSAGE_SECONDS SCHEDULE
//                                      a coordinator that each message keeps busy for so long
//   sim_bench stragglers               eight workers, one of them ten times slower
//   sim_bench faults SEEDS             the random runs of the tests, without their checks of each
//   step
#include <sys/resource.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "counting.hpp"
#include "scenario.hpp"
#include "taskrun/sim/simulation.hpp"
#include "test_jobs.hpp"
#include "text_sink.hpp"

namespace {

using namespace taskrun;
using taskrun::testing::TextSink;

double cost_so_far_seconds(std::chrono::steady_clock::time_point started) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

std::uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

// A run of `chunks` chunks of one item each; ends the process when it does not come to its end.
Account play(std::uint64_t chunks, SimOptions options) {
  TypedJob<Count> job;
  job.open();
  TextSink sink;
  Simulation simulation(job, chunk_it(chunks, chunks), std::move(options), sink);
  if (!simulation.run() || std::any_cast<std::uint64_t>(simulation.result()) != chunks) {
    std::fprintf(stderr, "sim_bench: the run has no result, or a wrong one\n");
    std::exit(1);
  }
  return simulation.coordinator().account();
}

int scale(std::uint64_t workers, std::uint64_t leases) {
  SimOptions options;
  options.workers.resize(workers);
  options.chunk_cost = [](std::uint64_t) { return std::chrono::seconds(1); };
  options.coordinator.schedule = Schedule::dynamic;
  const auto started = std::chrono::steady_clock::now();
  const Account account = play(leases, std::move(options));
  std::printf("{\"wall_seconds\": %.3f, \"peak_memory_bytes\": %" PRIu64
              ", \"lease_count\": %" PRIu64
              ", \"simulated_seconds\": %.3f, \"efficiency_ratio\": %.4f}\n",
              cost_so_far_seconds(started), peak_memory_bytes(), account.leases,
              seconds(account.wall), account.efficiency_ratio());
  return 0;
}

int load(std::uint64_t workers, std::uint64_t chunks, double chunk_seconds, double message_seconds,
         Schedule schedule) {
  SimOptions options;
  options.workers.resize(workers);
  options.chunk_cost = [chunk_seconds](std::uint64_t) { return from_seconds(chunk_seconds); };
  options.coordinator_cost = from_seconds(message_seconds);
  options.coordinator.schedule = schedule;
  const Account account = play(chunks, std::move(options));
  std::printf("{\"simulated_seconds\": %.3f, \"lease_count\": %" PRIu64
              ", \"efficiency_ratio\": %.4f}\n",
              seconds(account.wall), account.leases, account.efficiency_ratio());
  return 0;
}

int stragglers() {
  constexpr std::uint64_t chunks = 10'000;
  constexpr Duration chunk_cost = std::chrono::milliseconds(10);
  constexpr double slow = 0.1;
  SimOptions options;
  options.workers.resize(8);
  options.workers.back().speed = slow;
  options.chunk_cost = [](std::uint64_t) { return chunk_cost; };
  const Account account = play(chunks, std::move(options));
  const double ideal_seconds = seconds(chunk_cost) * static_cast<double>(chunks) / (7 + slow);
  std::printf(
      "{\"simulated_seconds\": %.4f, \"ideal_seconds\": %.4f, \"ratio\": %.4f, "
      "\"extra_work_ratio\": %.4f}\n",
      seconds(account.wall), ideal_seconds, seconds(account.wall) / ideal_seconds,
      static_cast<double>(account.chunks_computed) / static_cast<double>(chunks) - 1);
  return 0;
}

int faults(std::uint64_t seeds) {
  const auto started = std::chrono::steady_clock::now();
  std::uint64_t events = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const testing::Scenario scenario = testing::random_scenario(seed);
    const auto job = testing::make_job(scenario);
    job->open();
    TextSink sink;
    Simulation simulation(*job, chunk_it(scenario.item_count, scenario.chunk_count),
                          scenario.options, sink);
    if (!simulation.run(1'000'000)) {
      std::fprintf(stderr, "sim_bench: the run of seed %" PRIu64 " does not end\n", seed);
      return 1;
    }
    events += simulation.event_count();
  }
  std::printf("{\"wall_seconds\": %.3f, \"peak_memory_bytes\": %" PRIu64
              ", \"event_count\": %" PRIu64 "}\n",
              cost_so_far_seconds(started), peak_memory_bytes(), events);
  return 0;
}

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "scale" && argc == 4) return scale(number(argv[2]), number(argv[3]));
  if (what == "load" && argc == 7 && schedule_named(argv[6])) {
    return load(number(argv[2]), number(argv[3]), std::strtod(argv[4], nullptr),
                std::strtod(argv[5], nullptr), *schedule_named(argv[6]));
  }
  if (what == "stragglers" && argc == 2) return stragglers();
  if (what == "faults" && argc == 3) return faults(number(argv[2]));
  std::fprintf(stderr,
               "usage: sim_bench scale WORKERS LEASES | stragglers | faults SEEDS |\n"
               "                 load WORKERS CHUNKS CHUNK_SECONDS MESSAGE_SECONDS SCHEDULE\n");
  return 2;
}
