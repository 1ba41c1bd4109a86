// SPDX-License-Identifier: MIT
// What a coordinator and its workers say to each other. Each direction is a type of its own: who
// gets a message must have an answer to it, or does not compile.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "taskrun/events/account.hpp"
#include "taskrun/protocol/frame.hpp"
#include "taskrun/protocol/work.hpp"

namespace taskrun {

/// A process, as others on the same machine can find it.
struct ProcessName {
  std::uint32_t pid = 0;
  std::uint64_t machine =
      0;  ///< tells apart the machines (and process namespaces) that pids are of
};

/// The first thing a worker says.
struct Hello {
  std::uint64_t build = 0;  ///< tells builds of the program apart
  std::uint64_t job = 0;    ///< tells jobs and their parameters apart
  std::uint32_t slots = 0;
  ProcessName process;
  std::string host;
};

/// The answer: the grid, and how often to speak. Leases follow.
struct Welcome {
  std::uint64_t item_count = 0;
  std::uint64_t chunk_count = 0;
  Duration heartbeat_interval{};
  ProcessName process;         ///< the coordinator's
  Duration report_interval{};  ///< how often results of leases that go on are told, at most
};

struct Grant {
  std::vector<Work> leases;
  Duration median_chunk{};  ///< of the run so far; zero: not known yet
};

/// What the worker got done since its last commit.
struct Commit {
  Results results;
};

/// Leases that need no longer be computed.
struct Withdraw {
  struct Item {
    LeaseId lease;
    Cancel how = Cancel::now;
  };
  std::vector<Item> leases;
};

/// The worker's, when there was nothing else to say for a while.
struct Alive {};

/// The coordinator's, likewise.
struct Heartbeat {
  Duration median_chunk{};  ///< as in a grant
};

/// The worker cannot go on.
struct Broken {
  enum class Reach : std::uint8_t {
    run,     ///< and neither can the run
    worker,  ///< the others can
    host,    ///< likewise; a new worker here would be short of the same
  };
  std::string error;
  Reach reach = Reach::run;
};

/// This rank cannot take part in the run: it says so in place of a hello, and no more.
struct Refused {
  std::string host;
  std::string why;
};

/// The run is over; say goodbye.
struct Finish {
  Duration grace{};  ///< for what still runs, to end
};

/// The last thing a worker says.
struct Goodbye {
  WorkerAccount account;
};

/// Another worker on the receiver's machine, which is not the coordinator's: to be watched.
struct Sibling {
  std::uint32_t rank = 0;
  ProcessName process;
};

/// The process of that one has ended.
struct SiblingEnded {
  std::uint32_t rank = 0;
};

using ToCoordinator = std::variant<Hello, Refused, Commit, Alive, Broken, SiblingEnded, Goodbye>;
using ToWorker = std::variant<Welcome, Grant, Withdraw, Heartbeat, Finish, Sibling>;

/// "hello" and so on, for people.
const char* name_of(const ToCoordinator& message);

/// The body has a fixed layout for each type (messages.cpp); the frame's type says which, and in
/// which direction it goes.
Frame encode_message(const ToCoordinator& message);
Frame encode_message(const ToWorker& message);
/// Throw CorruptData for what encode_message cannot have written in that direction.
ToCoordinator decode_to_coordinator(const Frame& frame);
ToWorker decode_to_worker(const Frame& frame);

}  // namespace taskrun
