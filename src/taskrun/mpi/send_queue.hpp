// SPDX-License-Identifier: MIT
// Frames on their way out: started at once, their bytes kept until MPI says it has read them.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "taskrun/protocol/frame.hpp"

namespace taskrun {

/// One for each transport, used by its thread. Must not be destroyed before MPI_Finalize while
/// sends are pending: MPI reads from their bytes.
class SendQueue {
 public:
  SendQueue(MPI_Comm comm, const FrameKey& key, std::uint64_t segment_bytes);

  /// Never blocks: what cannot leave now is pending. Throws Error.
  void send(std::uint32_t to, Frame frame);
  /// Lets go of what has left, looking at a few of the pending sends: the cost does not grow with
  /// their number. Returns how many it let go of, and tells for each to whom it went.
  std::size_t collect(const std::function<void(std::uint32_t to)>& left);
  std::size_t pending_count() const { return pending_.size(); }

 private:
  struct Pending {
    std::uint32_t to;
    MPI_Request request;
    std::shared_ptr<const Bytes> bytes;
  };

  void send_head(std::uint32_t to);
  void send_body(std::uint32_t to, Bytes body);

  MPI_Comm comm_;
  const FrameKey key_;
  std::uint64_t segment_bytes_;
  Bytes head_;  // the last message, when it has left: its memory is used again
  std::deque<Pending> pending_;
};

}  // namespace taskrun
