// SPDX-License-Identifier: MIT
#include "taskrun/os/cpu_count.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace taskrun {
namespace {

namespace fs = std::filesystem;

template <class Use>
void with_mask_of(pid_t process, Use use) {
  // The kernel refuses a mask smaller than its own: grow it until it fits.
  for (int cpus = 1024; cpus <= 1 << 20; cpus *= 2) {
    cpu_set_t* mask = CPU_ALLOC(static_cast<std::size_t>(cpus));
    const std::size_t size = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
    const bool known = sched_getaffinity(process, size, mask) == 0;
    if (known) use(size, mask);
    CPU_FREE(mask);
    if (known) return;
  }
}

std::uint32_t rounded_up(double quota, double period) {
  return quota > 0 && period > 0 ? static_cast<std::uint32_t>((quota + period - 1) / period) : 0;
}

std::uint32_t smaller_limit(std::uint32_t a, std::uint32_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

// "max 100000" or "150000 100000".
std::uint32_t version2_limit(const fs::path& group) {
  std::ifstream in(group / "cpu.max");
  std::string quota;
  double period = 0;
  if (!(in >> quota >> period) || quota == "max") return 0;
  return rounded_up(std::strtod(quota.c_str(), nullptr), period);
}

std::uint32_t version1_limit(const fs::path& group) {
  double quota = 0;
  double period = 0;
  std::ifstream(group / "cpu.cfs_quota_us") >> quota;
  std::ifstream(group / "cpu.cfs_period_us") >> period;
  return rounded_up(quota, period);
}

// A group is limited by all groups above it.
template <class Limit>
std::uint32_t tightest(const fs::path& mount, fs::path group, Limit limit) {
  std::uint32_t cores = limit(mount);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path()) {
    cores = smaller_limit(cores, limit(mount / group));
  }
  return cores;
}

}  // namespace

std::uint32_t affinity_core_count(pid_t process) {
  int count = 1;
  with_mask_of(process,
               [&](std::size_t size, const cpu_set_t* mask) { count = CPU_COUNT_S(size, mask); });
  return static_cast<std::uint32_t>(std::max(count, 1));
}

void use_cores_of(pid_t process) {
  with_mask_of(process,
               [](std::size_t size, const cpu_set_t* mask) { sched_setaffinity(0, size, mask); });
}

std::uint32_t quota_core_count(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  std::uint32_t cores = 0;
  // Lines: "0::/path" (version 2) or "4:cpu,cpuacct:/path" (version 1).
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers.empty()) {
      cores = smaller_limit(cores, tightest(root / "sys/fs/cgroup", group, version2_limit));
    } else if ((',' + controllers + ',').find(",cpu,") != std::string::npos) {
      cores = smaller_limit(cores, tightest(root / "sys/fs/cgroup/cpu", group, version1_limit));
    }
  }
  return cores;
}

std::uint32_t usable_core_count() {
  return std::max(1U, smaller_limit(affinity_core_count(), quota_core_count()));
}

std::uint32_t rank_core_count(std::uint32_t local_ranks) {
  const std::uint32_t host = smaller_limit(affinity_core_count(getppid()), quota_core_count());
  const std::uint32_t share = std::max(1U, host / std::max(1U, local_ranks));
  return std::min(affinity_core_count(), share);
}

}  // namespace taskrun
