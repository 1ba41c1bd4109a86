// SPDX-License-Identifier: MIT
// Messages on their way in, and how they become frames again. A message that takes long, or never
// ends because its sender died, delays nobody but its sender.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "taskrun/mpi/wire.hpp"
#include "taskrun/net/transport.hpp"

namespace taskrun {

/// One for each transport, used by its thread. Must not be destroyed before MPI_Finalize while
/// messages are pending: MPI writes to their bytes.
class Arrivals {
 public:
  explicit Arrivals(MPI_Comm comm, const FrameKey& key = {});

  /// The next frame that is here as a whole, or word of a sender of whom something came that is
  /// none; what comes of that one later is dropped. Throws Error where MPI fails or a body does not
  /// fit into memory.
  std::optional<Received> receive();
  /// Adds a frame that came another way.
  void add(Received frame) { ready_.push_back(std::move(frame)); }

  /// Senders of whom a message or a frame began to arrive and has not ended.
  std::size_t pending_count() const;
  /// Grows whenever a message begins or ends.
  std::uint64_t change_count() const { return change_count_; }

 private:
  // A message that did not arrive at once, or has to wait for earlier ones of its sender.
  struct Message {
    std::uint32_t from;
    wire::Kind kind;
    std::size_t size;
    bool arrived;
    Bytes bytes;
    MPI_Request request;
  };

  // A sender of whom something is unfinished.
  struct Sender {
    std::deque<std::unique_ptr<Message>> messages;  // in the order they were sent
    std::optional<FrameHeader> header;              // of the frame whose body is arriving
    Bytes body;                                     // what has come of it
    bool broken = false;                            // what comes is dropped
  };

  bool match_next();
  void receive_head(std::uint32_t from, MPI_Message& message, std::size_t size);
  void receive_later(std::uint32_t from, wire::Kind kind, MPI_Message& message, std::size_t size);
  void test_some();
  void take_arrived(std::uint32_t from);
  void take(std::uint32_t from, Message& message);
  void take_head(std::uint32_t from, ByteView bytes);
  void take_segment(Sender& sender, Message& message);
  void finish_frame(std::uint32_t from, Sender& sender);
  void give_up(std::uint32_t from, const std::string& what);

  MPI_Comm comm_;
  const FrameKey key_;
  Bytes head_;  // where small messages arrive
  std::unordered_map<std::uint32_t, Sender> senders_;
  std::deque<Message*> pending_;
  std::deque<Received> ready_;
  std::uint64_t change_count_ = 0;
};

}  // namespace taskrun
