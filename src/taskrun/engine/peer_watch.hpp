// SPDX-License-Identifier: MIT
// Notices the end of processes on this machine: at once, and without a message. On machines that
// are not the coordinator's workers watch each other and tell it; that the only worker of a machine
// is gone is known by its silence alone.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "taskrun/core/time.hpp"
#include "taskrun/protocol/messages.hpp"

namespace taskrun {

/// This process, as peers on the same machine can find it.
ProcessName this_process();

/// Holds a descriptor for each process it watches (Linux: pidfd_open; elsewhere it watches
/// nothing).
class PeerWatch {
 public:
  PeerWatch() = default;
  ~PeerWatch();
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;

  /// A process of another machine, or one that cannot be watched, is left to its silence. One that
  /// has ended already counts as ended.
  void watch(std::uint32_t rank, ProcessName process);
  bool empty() const { return peers_.empty(); }
  /// The rank of one that has ended, each once.
  std::optional<std::uint32_t> next_ended();

 private:
  struct Peer {
    std::uint32_t rank;
    int fd;  // -1: it had ended already
  };
  std::vector<Peer> peers_;
};

}  // namespace taskrun
