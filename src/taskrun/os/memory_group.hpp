// SPDX-License-Identifier: MIT
// A control group whose processes have no more memory than that, all together: who looks now and
// then may be too late.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// Where the kernel shows control groups.
struct ControlGroupFiles {
  std::filesystem::path own = "/proc/self/cgroup";  ///< the groups of this process
  std::filesystem::path root = "/sys/fs/cgroup";
};

class MemoryGroup {
 public:
  /// Below this process's own, or beside it; none where the system lets us make none. The name
  /// tells groups of this process apart.
  static std::unique_ptr<MemoryGroup> make(std::uint64_t limit_bytes, const std::string& name,
                                           const ControlGroupFiles& files = {});
  /// It has no processes any more.
  ~MemoryGroup();
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  /// A process that writes "0" there is in it, and what it starts.
  int entrance() const { return entrance_.fd(); }
  /// Puts that one into it, with what it starts from now on. False where it stays where it is.
  bool take(pid_t process) const;
  /// Whether one of them was ended for want of memory.
  bool was_full() const;

 private:
  MemoryGroup(std::filesystem::path folder, Descriptor entrance, const char* events)
      : folder_(std::move(folder)), entrance_(std::move(entrance)), events_(events) {}

  const std::filesystem::path folder_;
  const Descriptor entrance_;
  const char* const events_;  // the file that counts those ends
};

}  // namespace taskrun
