// SPDX-License-Identifier: MIT
// The memory of a process and all that it has started together, as it is looked at now and then.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// For people.
std::string megabytes_text(std::uint64_t bytes);

class TreeMemory {
 public:
  /// Of all that descends from the process: with itself, or without.
  enum class Root { counts, counts_not };
  TreeMemory(pid_t process, Root root) : process_(process), root_(root) {}

  /// What they have now, swapped out or not. What processes share counts once where the sum would
  /// otherwise be more than the limit: it takes longer to find out.
  std::uint64_t look(std::uint64_t limit_bytes);
  /// The most that was seen.
  std::uint64_t peak_bytes() const { return peak_bytes_; }
  /// … since the last call.
  std::uint64_t take_peak_bytes();
  /// When to look again: sooner where the limit is near.
  Duration interval(std::uint64_t limit_bytes) const;

 private:
  const pid_t process_;
  const Root root_;
  std::uint64_t last_bytes_ = 0;
  std::uint64_t peak_bytes_ = 0;
};

}  // namespace taskrun
