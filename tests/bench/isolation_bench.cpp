// SPDX-License-Identifier: MIT
// What isolation costs: how soon the death of a helper is noticed, and how many leases a slot gets
// through. Prints one line of JSON.
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "taskrun/exec/isolated_runner.hpp"
#include "taskrun/exec/slot_pool.hpp"
#include "taskrun/job/registry.hpp"

namespace taskrun {
namespace {

constexpr int deaths = 300;
constexpr std::uint64_t leases = 50'000;
constexpr std::uint64_t in_flight = 4;

// Where a helper leaves the time of its death.
std::atomic<std::int64_t>* shared_time() {
  static void* const memory = mmap(nullptr, sizeof(std::atomic<std::int64_t>),
                                   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return static_cast<std::atomic<std::int64_t>*>(memory);
}

struct Dying {
  void params(Params&) {}
  Range dataset() const { return {0, deaths}; }
  int map(Range) const {
    *shared_time() = steady_now().time_since_epoch().count();
    raise(SIGKILL);
    return 0;
  }
  int reduce(int left, int right) const { return left + right; }
  void print(int, std::ostream&) const {}
};

struct Nothing {
  void params(Params&) {}
  Range dataset() const { return {0, leases}; }
  std::uint64_t map(Range part) const { return part.first(); }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t, std::ostream&) const {}
};

nlohmann::json noticing() {
  TypedJob<Dying> job;
  const Grid grid(deaths, deaths);
  shared_time();
  Zygote zygote(job, {}, 1);
  Wakeup done;
  SlotPool pool(isolated_runners(zygote, grid, 1), done);
  std::vector<double> milliseconds;
  for (std::uint64_t i = 0; i < deaths; ++i) {
    pool.start({LeaseId{i + 1}, {i, i + 1}, 1, {}});
    Results results;
    while (results.failures.empty()) {
      done.wait_for(std::chrono::seconds(1));
      pool.take_results(results);
    }
    milliseconds.push_back(
        static_cast<double>(steady_now().time_since_epoch().count() - *shared_time()) / 1e6);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return {{"death_noticed_p50_milliseconds", milliseconds[deaths / 2]},
          {"death_noticed_p99_milliseconds", milliseconds[deaths * 99 / 100]},
          {"death_noticed_max_milliseconds", milliseconds.back()}};
}

double leases_a_second(SlotPool& pool, Wakeup& done) {
  const Time begun = steady_now();
  std::uint64_t started = 0;
  for (std::uint64_t ended = 0; ended < leases;) {
    for (; started < std::min(leases, ended + in_flight); ++started) {
      pool.start({LeaseId{started + 1}, {started, started + 1}, 1, {}});
    }
    Results results;
    pool.take_results(results);
    for (const auto& progress : results.progress) ended += progress.ended ? 1 : 0;
    if (results.empty()) done.wait_for(std::chrono::seconds(1));
  }
  return static_cast<double>(leases) / seconds(steady_now() - begun);
}

double isolated_rate() {
  TypedJob<Nothing> job;
  const Grid grid(leases, leases);
  Zygote zygote(job, {}, 1);
  Wakeup done;
  SlotPool pool(isolated_runners(zygote, grid, 1), done);
  return leases_a_second(pool, done);
}

double thread_rate() {
  TypedJob<Nothing> job;
  job.open();
  const Grid grid(leases, leases);
  Wakeup done;
  SlotPool pool(thread_runners(job, grid, 1), done);
  return leases_a_second(pool, done);
}

}  // namespace
}  // namespace taskrun

int main() {
  nlohmann::json all = taskrun::noticing();
  all["isolated_leases_per_second"] = taskrun::isolated_rate();
  all["thread_leases_per_second"] = taskrun::thread_rate();
  std::puts(all.dump().c_str());
}
