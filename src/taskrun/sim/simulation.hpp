// SPDX-License-Identifier: MIT
// A run in virtual time: the real Coordinator, Workers, chunk runner and messages, but a simulated
// clock, network and slots, and faults on demand. One thread, no sleeping; the same options give
// the same run, event by event.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <vector>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/coordinator.hpp"
#include "taskrun/engine/worker.hpp"
#include "taskrun/job/job.hpp"
#include "taskrun/sim/memory_journal.hpp"
#include "taskrun/sim/virtual_slots.hpp"

namespace taskrun {

/// One worker, and what befalls it. Worker 0 lives with the coordinator: nothing may befall it.
struct SimWorker {
  std::uint32_t slots = 1;
  double speed = 1;        ///< a chunk takes its cost divided by this
  Time dies = never;       ///< from then on it neither computes nor sends nor receives
  Time stops = never;      ///< it stands still from then on …
  Duration stopped_for{};  ///< … for so long, and then goes on where it was
};

/// Input of an open-ended run that comes.
struct SimInput {
  Time at;
  InputState state;
};

struct SimOptions {
  std::vector<SimWorker> workers;
  /// How long a chunk takes at speed 1.
  std::function<Duration(std::uint64_t chunk)> chunk_cost;
  /// A message takes `latency` plus up to `jitter`, and now and then `delay` more. Messages between
  /// two ranks keep their order, those of different ranks do not.
  Duration latency = std::chrono::microseconds(20);
  Duration jitter{};
  double delay_ratio = 0;
  Duration delay{};
  /// How many commits arrive twice.
  double duplicate_ratio = 0;
  /// What is sent instead of a message between two ranks. Null: what they say arrives.
  std::function<std::vector<Frame>(std::uint32_t from, std::uint32_t to, Frame)> on_the_way;
  /// What handling a message costs the coordinator, which handles one at a time.
  Duration coordinator_cost{};
  /// Keeps the run's records, and has those of an earlier one; outlives the simulation. Null: none.
  MemoryJournal* journal = nullptr;
  /// What it takes to make a record durable.
  Duration journal_latency = std::chrono::milliseconds(1);
  /// Of an open-ended run, in the order it comes.
  std::vector<SimInput> input;
  CoordinatorOptions coordinator;  ///< worker_count is set from `workers`
  std::uint64_t seed = 1;
};

class Simulation {
 public:
  /// Job and sink outlive the simulation. The job must have been opened.
  Simulation(const Job& job, const Grid& grid, SimOptions options, Sink& sink);
  ~Simulation();

  /// Plays the next event. False when the run has ended, or nothing can happen any more.
  bool step();
  /// Plays all events, at most `event_limit`. Whether the run ended.
  bool run(std::uint64_t event_limit = UINT64_MAX);

  /// After the end: what its workers still do. Whether all have ended.
  bool run_workers_out(std::uint64_t event_limit);

  Time now() const { return now_; }
  std::uint64_t event_count() const { return event_count_; }
  const Coordinator& coordinator() const { return *coordinator_; }
  /// Messages to workers whose goodbye the coordinator had: an error of the coordinator.
  std::uint64_t sent_to_departed() const { return sent_to_departed_; }
  /// The result, after the run has ended.
  Partial result() { return collector_->finish(); }

 private:
  enum class Kind : std::uint8_t {
    to_coordinator,
    to_worker,
    slot,
    worker_timer,
    coordinator_timer,
    coordinator_free,
    durable,
    input,
  };
  struct Event {
    Time at;
    std::uint64_t order;    // those of the same time happen as they were made
    std::uint64_t payload;  // a frame in frames_, a slot's ticket, or an input
    std::uint32_t rank;
    Kind kind;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  struct Letter {
    std::uint32_t from;
    std::uint64_t frame;
  };
  struct Node {
    SimWorker spec;
    std::unique_ptr<VirtualSlots> slots;
    std::unique_ptr<Worker> worker;
    Time timer = never;     // its earliest timer event
    Time last_to_worker{};  // when the last message each way arrives
    Time last_to_coordinator{};
    bool departed = false;      // it has ended
    bool said_goodbye = false;  // and the coordinator knows
  };

  void start_worker(std::uint32_t rank);
  void schedule(Time at, Kind kind, std::uint32_t rank, std::uint64_t payload);
  /// When something that would happen to a worker at `at` happens: later where it stands still
  /// then.
  static Time when_going(const SimWorker& worker, Time at);
  void post_to_coordinator(std::uint32_t from, const ToCoordinator& message);
  void post_to_worker(std::uint32_t to, const ToWorker& message);
  void post(Kind direction, std::uint32_t rank, Time& last, Frame frame);
  void tell(std::uint32_t rank, const Frame& frame);
  void hear(const Letter& letter);
  Time arrival(Time& last);
  std::uint64_t store(Frame frame);
  Frame fetch(std::uint64_t index);
  Event next_event();
  void play(const Event& event);
  void play_worker(const Event& event);
  void restore();
  void take_input(const InputState& input);
  void serve_coordinator();
  void settle_worker(std::uint32_t rank);
  void settle_coordinator();
  double uniform();

  const Job& job_;
  const Grid grid_;
  const SimOptions options_;
  std::unique_ptr<Collector> collector_;
  std::unique_ptr<Coordinator> coordinator_;
  std::vector<Node> nodes_;
  std::deque<Letter> coordinator_inbox_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Outbox outbox_;                             // being emptied
  std::vector<ToCoordinator> worker_outbox_;  // likewise
  std::vector<Frame> frames_;
  std::vector<std::uint64_t> free_frames_;
  std::mt19937_64 random_;
  Time now_{};
  Time coordinator_free_{};
  Time coordinator_timer_ = never;
  std::uint64_t event_count_ = 0;
  std::uint64_t last_order_ = 0;
  std::uint64_t sent_to_departed_ = 0;
};

}  // namespace taskrun
