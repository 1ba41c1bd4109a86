// SPDX-License-Identifier: MIT
// Ranks that are threads of one process: frames pass through queues. A run without a launcher is a
// hub of one; tests use more.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "taskrun/net/transport.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

/// Owns the queues of `size` ranks. Outlives their transports.
class LoopbackHub {
 public:
  explicit LoopbackHub(std::uint32_t size);
  ~LoopbackHub();

  std::uint32_t size() const { return static_cast<std::uint32_t>(inboxes_.size()); }
  /// The end of one rank; an arrival notifies `wakeup`, which must live as long as the hub is used.
  /// Once for each rank, before anybody sends to it.
  std::unique_ptr<Transport> connect(std::uint32_t rank, Wakeup& wakeup);

 private:
  friend class LoopbackTransport;
  struct Inbox {
    std::mutex mutex;
    std::deque<Received> frames;
    Wakeup* wakeup = nullptr;
  };
  std::vector<std::unique_ptr<Inbox>> inboxes_;
};

}  // namespace taskrun
