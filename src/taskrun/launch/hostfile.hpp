// SPDX-License-Identifier: MIT
// The hosts that a user names for a run, as far as they can be judged before mpirun reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace taskrun {

struct HostEntry {
  std::string name;
  std::optional<std::uint64_t> slots;  ///< as many as the host has cores where it does not say
};

/// Throws Error (usage) for a file that cannot be read, names no host, or says what cannot be
/// meant; with the line's number.
std::vector<HostEntry> read_hostfile(const std::string& path);

/// All slots together; nothing where a host leaves it open.
std::optional<std::uint64_t> slot_count(const std::vector<HostEntry>& hosts);

}  // namespace taskrun
