// SPDX-License-Identifier: MIT
#include "taskrun/launch/chaos.hpp"

#include <algorithm>
#include <cmath>

#include "taskrun/core/bytes.hpp"

namespace taskrun {
namespace {

// Long enough to be taken for lost.
constexpr Duration longest_stop = std::chrono::seconds(8);
constexpr Duration mean_pause_between_delays = std::chrono::milliseconds(500);
// Nobody watches for longer.
constexpr std::size_t most_stops = 10'000;

// SplitMix64: any seed is as good as any other.
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = state += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

// In (0, 1].
double next_ratio(std::uint64_t& state) {
  return (static_cast<double>(next_random(state) >> 11U) + 1) * 0x1p-53;
}

Duration next_wait(Duration mean, std::uint64_t& state) {
  return from_seconds(-std::log(next_ratio(state)) * seconds(mean));
}

std::uint64_t state_for(const Chaos& chaos, const std::string& what, std::uint64_t restart) {
  return checksum(view_of(what + " " + std::to_string(restart))) ^
         (chaos.seed * 0xD1342543DE82EF95U);
}

std::uint64_t state_of(const Chaos& chaos, const FaultyRank& rank) {
  return state_for(chaos, "rank " + std::to_string(rank.rank), rank.restart);
}

// Every host but the supervisor's is as likely; no rank knows the others' names.
bool is_dropped(const Chaos& chaos, const FaultyRank& rank, Duration& at) {
  if (chaos.drop_host == Duration::zero() || !rank.far || rank.rank == 0) return false;
  std::uint64_t state = state_for(chaos, "host " + rank.host, rank.restart);
  at = next_wait(chaos.drop_host, state);
  return next_ratio(state) <= 0.5;
}

void add_stops(const Chaos& chaos, std::uint64_t state, std::vector<Fault>& faults) {
  Duration at{};
  for (std::size_t i = 0; i < most_stops; ++i) {
    at += next_wait(chaos.stop, state);
    faults.push_back({at, Fault::Kind::stop});
    at += from_seconds(next_ratio(state) * seconds(longest_stop));
    faults.push_back({at, Fault::Kind::go_on});
  }
}

}  // namespace

std::vector<Fault> faults_of(const Chaos& chaos, const FaultyRank& rank) {
  std::vector<Fault> faults;
  std::uint64_t state = state_of(chaos, rank);
  const Duration until_death = rank.rank == 0 ? chaos.coordinator : chaos.kill;
  if (until_death > Duration::zero()) {
    faults.push_back({next_wait(until_death, state), Fault::Kind::kill});
  }
  Duration dropped{};
  if (is_dropped(chaos, rank, dropped)) faults.push_back({dropped, Fault::Kind::kill});
  if (rank.rank != 0 && chaos.stop > Duration::zero()) add_stops(chaos, state, faults);
  std::stable_sort(faults.begin(), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  return faults;
}

Delays::Delays(const Chaos& chaos, const FaultyRank& rank)
    : longest_(rank.rank == 0 ? Duration::zero() : chaos.delay), state_(state_of(chaos, rank)) {}

Duration Delays::next(Time now) {
  if (longest_ == Duration::zero() || now < at_) return Duration::zero();
  const bool first = at_ == Time{};
  at_ = now + next_wait(mean_pause_between_delays, state_);
  return first ? Duration::zero() : from_seconds(next_ratio(state_) * seconds(longest_));
}

}  // namespace taskrun
