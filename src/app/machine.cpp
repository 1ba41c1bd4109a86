// SPDX-License-Identifier: MIT
#include "app/machine.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "taskrun/os/cpu_count.hpp"

namespace taskrun {
namespace {

// A slot's process that isolates has a socket and a descriptor of the process.
constexpr std::uint64_t descriptors_of_helper = 2;
// Of everything else: streams, journal, output.
constexpr std::uint64_t descriptors_of_rank = 24;
constexpr std::uint64_t descriptors_of_mpi = 40;

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// What the launcher may use: it may have bound each rank to a part of it.
std::uint32_t launcher_core_count() {
  const auto affinity = affinity_core_count(getppid());
  const auto quota = quota_core_count();
  return quota == 0 ? affinity : std::min(affinity, quota);
}

Machine find_io_machine(const RunSettings& settings, const std::optional<LaunchedRank>& launched) {
  const auto asked = static_cast<std::uint32_t>(settings.io_thread_count);
  Machine machine;
  machine.slots = asked > 0 ? asked : default_io_thread_count;
  machine.local_ranks = launched ? launched->local_size : 1;
  machine.own_cores = machine.host_cores = 0;
  return machine;
}

}  // namespace

Machine find_machine(const Job& job, const RunSettings& settings,
                     const std::optional<LaunchedRank>& launched) {
  if (job.io_bound()) return find_io_machine(settings, launched);
  Machine machine;
  machine.own_cores = usable_core_count();
  machine.runs_commands = job.keeps_limits();
  if (launched) {
    machine.local_ranks = launched->local_size;
    machine.host_cores = launcher_core_count();
    machine.slots = machine.runs_commands
                        ? std::max(1U, machine.host_cores / std::max(1U, machine.local_ranks))
                        : rank_core_count(launched->local_size);
  } else {
    machine.host_cores = machine.own_cores;
    machine.slots = machine.own_cores;
  }
  if (settings.thread_count > 0) machine.slots = static_cast<std::uint32_t>(settings.thread_count);
  return machine;
}

std::optional<std::string> fit_to_descriptors(Machine& machine, const Job& job, bool launched) {
  const std::uint64_t descriptors_of_slot =
      machine.zygote != nullptr ? descriptors_of_helper : job.slot_descriptors();
  if (descriptors_of_slot == 0) return std::nullopt;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto others = descriptors_of_rank + (launched ? descriptors_of_mpi : 0);
  const std::uint64_t slots = limit.rlim_cur < others + descriptors_of_slot
                                  ? 1
                                  : (limit.rlim_cur - others) / descriptors_of_slot;
  if (slots >= machine.slots) return std::nullopt;
  const auto asked = std::exchange(machine.slots, static_cast<std::uint32_t>(slots));
  return fmt::format("{} in place of {}: ulimit -n {} allows no more (these need {})",
                     counted(slots, "slot"), asked, limit.rlim_cur,
                     others + std::uint64_t{asked} * descriptors_of_slot);
}

std::optional<std::string> crowding(const Machine& m) {
  if (m.host_cores == 0 || m.runs_commands) return std::nullopt;
  if (std::uint64_t{m.slots} * m.local_ranks > m.host_cores) {
    const std::string threads = counted(m.slots, "thread");
    return fmt::format(
        "{} on {}: oversubscribed",
        m.local_ranks == 1 ? threads : fmt::format("{} ranks with {} each", m.local_ranks, threads),
        counted(m.host_cores, "core"));
  }
  if (m.slots > m.own_cores) {
    return fmt::format("{} on {}, which the launcher bound this rank to: use mpirun --bind-to none",
                       counted(m.slots, "thread"), counted(m.own_cores, "core"));
  }
  return std::nullopt;
}

}  // namespace taskrun
