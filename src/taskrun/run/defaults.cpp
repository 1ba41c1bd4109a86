// SPDX-License-Identifier: MIT
#include "taskrun/run/defaults.hpp"

#include "taskrun/os/cpu_count.hpp"

namespace taskrun {

Schedule usual_schedule(const Job& job) {
  return job.io_bound() || job.has_effects() ? Schedule::dynamic : Schedule::automatic;
}

std::uint32_t usual_retries(const Job& job) { return job.has_effects() ? 0 : default_retries; }

std::uint32_t usual_slots(const Job& job, std::uint32_t local_ranks) {
  if (job.io_bound()) return default_io_thread_count;
  return local_ranks > 1 ? rank_core_count(local_ranks) : usable_core_count();
}

}  // namespace taskrun
