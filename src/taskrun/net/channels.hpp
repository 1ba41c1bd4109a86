// SPDX-License-Identifier: MIT
// Runs that share one transport, one after another or side by side: each has an end of its own,
// which carries that run's frames only.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "taskrun/net/transport.hpp"

namespace taskrun {

/// Used by one thread, the one that uses the transport, which outlives this.
class Channels {
 public:
  explicit Channels(Transport& transport);
  ~Channels();
  Channels(const Channels&) = delete;
  Channels& operator=(const Channels&) = delete;

  /// The end of a run that has none; closed when it is destroyed, before this is, or never. What
  /// comes for it later is dropped. Of a sender of whom something came that is no frame each end
  /// hears that.
  std::unique_ptr<Transport> open(RunId run);

  /// Takes what has arrived, up to a frame of the session: it may begin the run whose frames follow
  /// it. Whether there was anything.
  bool receive();
  /// The next frame of no run, but of the ranks' session.
  std::optional<Received> next_of_session();
  /// A frame of no run.
  void send(std::uint32_t to, Frame frame);

  Transport& transport() const { return transport_; }
  /// Frames that came for runs that were over, or were never begun.
  std::uint64_t late_count() const { return late_count_; }

 private:
  class Channel;
  using Inbox = std::deque<Received>;

  void deliver(Received received);

  Transport& transport_;
  std::map<RunId, Inbox> inboxes_;  // of the runs that are open
  Inbox session_;
  std::map<std::uint32_t, std::string> broken_;  // senders, and what is wrong
  std::uint64_t late_count_ = 0;
};

}  // namespace taskrun
