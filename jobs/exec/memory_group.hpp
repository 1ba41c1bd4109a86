// SPDX-License-Identifier: MIT
// A control group whose processes have no more memory than that, all together: who looks now and
// then may be too late.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

class MemoryGroup {
 public:
  /// Below this process's own, or beside it; none where the system lets us make none.
  static std::unique_ptr<MemoryGroup> make(std::uint64_t limit_bytes);
  /// It has no processes any more.
  ~MemoryGroup();
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  /// A process that writes "0" there is in it, and what it starts.
  int entrance() const { return entrance_.fd(); }
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
