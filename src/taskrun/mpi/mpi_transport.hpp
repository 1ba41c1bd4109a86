// SPDX-License-Identifier: MIT
// Frames over MPI, between the ranks that mpirun started. Only calls that return at once, whatever
// the other rank does or has become: a dead one costs a few buffers, never a hang.
#pragma once

#include <cstdint>
#include <memory>

#include "taskrun/mpi/environment.hpp"
#include "taskrun/mpi/wire.hpp"
#include "taskrun/net/transport.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

class SendQueue;
class Arrivals;
class Doorbells;

/// Made and used by the thread that made the environment.
class MpiTransport final : public Transport {
 public:
  /// All ranks make theirs at the same time, each with the same key and segment size: it waits for
  /// all. The environment outlives it. Arrivals notify `wakeup` where all ranks are on one machine.
  MpiTransport(MpiEnvironment& environment, Wakeup& wakeup, const FrameKey& key = {},
               std::uint64_t segment_bytes = wire::segment_bytes);
  /// Gives what is still to be sent two seconds; what is stuck then is left to the environment.
  ~MpiTransport() override;

  std::uint32_t rank() const override { return rank_; }
  std::uint32_t size() const override { return size_; }
  void send(std::uint32_t to, Frame frame) override;
  std::optional<Received> receive() override;
  /// Shorter while large frames are on their way: MPI moves their bytes only when it is called.
  Duration longest_sleep() const override;

 private:
  bool collect_sends();
  void note_movement();
  void linger();

  MpiEnvironment& environment_;
  std::uint32_t rank_ = 0;
  std::uint32_t size_ = 0;
  std::unique_ptr<SendQueue> sends_;
  std::unique_ptr<Arrivals> arrivals_;
  std::unique_ptr<Doorbells> doorbells_;
  std::uint64_t changes_seen_ = 0;
  Time last_moved_{};  // when a message was last seen to begin or end
};

}  // namespace taskrun
