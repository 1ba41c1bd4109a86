// SPDX-License-Identifier: MIT
// A disk that fails when a test wants it: SQLite's calls to the system pass through here.
#pragma once

#include <cstdint>
#include <string>

namespace taskrun::testing {

struct DiskFault {
  enum class On { open, read, write, sync, remove };
  enum class How {
    input_output,  ///< EIO
    full,          ///< ENOSPC
    cut,           ///< ENOSPC after half of what was to be written
    death,         ///< the process is killed, half-way through a write
    never,         ///< does not return while the disk lives
  };
  On on = On::write;
  How how = How::input_output;
  /// The first call that fails, from 1.
  std::uint64_t first = 1;
  enum class Lasting { once, from_then_on } lasting = Lasting::once;
};

/// While one lives, files that SQLite opens are on it. One at a time; its calls may come from any
/// thread.
class FaultyDisk {
 public:
  explicit FaultyDisk(const DiskFault& fault);
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// The next call, and all that follow, fail.
  void fail_from_now_on();
  /// Whether the call that was to fail has come.
  bool has_struck() const;
};

std::string name_of(DiskFault::On on);
std::string name_of(DiskFault::How how);

}  // namespace taskrun::testing
