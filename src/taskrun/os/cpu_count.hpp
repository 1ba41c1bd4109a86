// SPDX-License-Identifier: MIT
// How many cores this process may really use.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace taskrun {

/// The cores in the affinity mask of a process (0: this one); 1 where it cannot be read.
std::uint32_t affinity_core_count(pid_t process = 0);

/// The cores that the control groups of this process leave it, rounded up; 0 where they set no
/// limit. Reads version 2 (cpu.max) and version 1 (cpu.cfs_quota_us) below `root`.
std::uint32_t quota_core_count(const std::filesystem::path& root = "/");

/// The smaller of the two: what one process on its own may use. At least 1.
std::uint32_t usable_core_count();

/// The share of one of `local_ranks` ranks on this host, at least 1. A rank that its launcher bound
/// gets its own mask and no more; the host's cores are those that the launcher itself may use.
std::uint32_t rank_core_count(std::uint32_t local_ranks);

/// From now on this thread, and what it starts, may use the cores that the process may.
void use_cores_of(pid_t process);

}  // namespace taskrun
