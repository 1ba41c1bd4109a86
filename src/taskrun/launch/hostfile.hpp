// SPDX-License-Identifier: MIT
// The hosts that a user names for a run: read once, and handed to mpirun in a form that every
// version of it understands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace taskrun {

struct HostEntry {
  std::string name;
  std::optional<std::uint64_t> slots;  ///< as many as the host has cores where it does not say
  std::string user{};                  ///< whose account is used there; empty: the same as here

  /// As ssh has it: user@name.
  std::string address() const { return user.empty() ? name : user + "@" + name; }
};

/// Each host once, in the order of its first line; a host of several lines has the slots of all of
/// them, a line without a number counting one. The file may be a pipe. Throws Error (usage) for one
/// that cannot be read, names no host, or holds an invalid line; with the line's number.
std::vector<HostEntry> read_hostfile(const std::string& path);

/// The same hosts as a hostfile.
std::string hostfile_text(const std::vector<HostEntry>& hosts);

/// All slots together; nothing where a host leaves it open.
std::optional<std::uint64_t> slot_count(const std::vector<HostEntry>& hosts);

}  // namespace taskrun
