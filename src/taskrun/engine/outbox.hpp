// SPDX-License-Identifier: MIT
// What a state machine wants done. It never does anything itself: drivers take this and act.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "taskrun/events/account.hpp"
#include "taskrun/journal/journal.hpp"
#include "taskrun/protocol/messages.hpp"

namespace taskrun {

struct Outgoing {
  std::uint32_t to = 0;  ///< rank
  ToWorker message;
};

/// A coordinator's. A worker's is a list of messages: all are for the coordinator.
struct Outbox {
  std::vector<Outgoing> messages;
  std::vector<Event> events;       ///< for the run's log
  std::optional<Records> records;  ///< for the journal

  void send(std::uint32_t to, ToWorker message) { messages.push_back({to, std::move(message)}); }
  void tell(Level level, std::string text) { events.push_back({level, std::move(text)}); }
  bool empty() const { return messages.empty() && events.empty() && !records; }
  /// Moves everything to `out`, which is emptied first; both keep their memory.
  void move_to(Outbox& out) {
    out.messages.clear();
    out.events.clear();
    std::swap(messages, out.messages);
    std::swap(events, out.events);
    out.records = std::exchange(records, std::nullopt);
  }
};

}  // namespace taskrun
