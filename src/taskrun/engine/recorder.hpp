// SPDX-License-Identifier: MIT
// Gathers what of a run goes to its journal, and knows what of it is durable. Part of the
// coordinator, and pure like it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "taskrun/core/ids.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/roster.hpp"
#include "taskrun/events/account.hpp"
#include "taskrun/exec/executor.hpp"
#include "taskrun/journal/journal.hpp"
#include "taskrun/schedule/plan.hpp"

namespace taskrun {

class Recorder {
 public:
  enum class Keeps { nothing, records };
  /// A recorder that keeps nothing takes everything and costs nothing.
  Recorder(Keeps keeps, Duration interval) : keeps_(keeps == Keeps::records), interval_(interval) {}

  // What happens.
  void on_event(const Event& event);
  void on_pieces() { anything_fresh_ = keeps_; }
  void on_input(const InputState& input);
  void on_given_up(const FailedChunk& failed);
  void on_lease(const Lease& lease, Time now);
  /// Also one that the plan ignores. What was told of the lease so far comes next, in on_progress.
  void on_failure(const ChunkFailure& failure);
  void on_progress(const LeaseProgress& progress, const std::string& host, Time now);
  /// While the plan still knows the worker's leases.
  void on_lost(WorkerId worker, const std::string& host, const Plan& plan);

  /// What slots are at now, if that is to be recorded again.
  void look_at_running(const Roster& roster, Time now);

  bool keeps_records() const { return keeps_; }
  /// Whether something is to be recorded by now.
  bool due(Time now) const { return now >= next_deadline(); }
  Time next_deadline() const {
    if (in_flight_) return never;
    const Time running = running_changed_ && !running_.empty() ? next_running_ : never;
    return anything_fresh_ ? std::min(next_, running) : running;
  }
  /// What is new, unless there is nothing, or a record has still to become durable: records are
  /// made as fast as the disk keeps them and no faster, for what waits can still be joined.
  /// `progress` counts all that is done.
  std::optional<Records> next(Collector& collector, const Progress& progress, Time now);
  /// So many records are durable now.
  void on_durable(std::uint64_t count);

  /// Whether a record has still to become durable.
  bool in_flight() const { return in_flight_.has_value(); }
  Time in_flight_since() const { return in_flight_since_; }
  /// A pause of ours is not the disk's.
  void forgive(Duration pause) { in_flight_since_ += pause; }
  /// Whether all that happened is durable, or need not be.
  bool all_durable() const { return !anything_fresh_ && !in_flight_; }

  struct Done {
    std::uint64_t chunks = 0;
    std::uint64_t items = 0;
  };
  Done durable() const { return durable_; }
  void on_restored(Done done) { durable_ = done; }

 private:
  struct Running {
    Lease lease;
    std::optional<Time> started;  // as its first report tells
    std::optional<Time> seen;     // when a slot seemed to be at it first
    Time leased{};
    std::uint64_t next = 0;              // the chunks below are told
    Duration told{};                     // the time those took
    Duration busy{};                     // until the last report
    std::vector<ChunkFailure> failures;  // not told yet
    std::uint64_t memory_bytes = 0;      // of the chunks that are not told
  };

  void add(const Running& running, const std::string& host, AttemptRecord attempt);
  void tell_failures(Running& running, std::uint64_t reported, const std::string& host);

  const bool keeps_;
  const Duration interval_;
  Records fresh_;
  bool anything_fresh_ = false;    // in fresh_, or in the collector
  std::optional<Done> in_flight_;  // how far the record that is being written brings the run
  Time in_flight_since_{};
  Done durable_;
  std::uint64_t durable_count_ = 0;
  Time next_{};
  std::unordered_map<LeaseId, Running> running_;
  bool running_changed_ = false;  // since that was recorded
  Time next_running_{};           // when it may be recorded again
};

}  // namespace taskrun
