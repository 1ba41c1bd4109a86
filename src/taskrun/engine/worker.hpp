// SPDX-License-Identifier: MIT
// The worker: takes leases, has them computed, commits what came of them. A pure state machine like
// the coordinator; computing itself is the executor's (exec/).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/events/account.hpp"
#include "taskrun/exec/executor.hpp"
#include "taskrun/protocol/messages.hpp"

namespace taskrun {

struct WorkerOptions {
  std::uint32_t rank = 0;
  Hello hello;
  /// A worker that hears nothing for so long, and for many heartbeats, ends itself: nothing of a
  /// run stays behind for ever.
  Duration orphaned_after = std::chrono::seconds(30);
};

class Worker {
 public:
  /// Makes the executor when the grid is known.
  using MakeExecutor = std::function<Executor&(const Grid&)>;

  Worker(WorkerOptions options, MakeExecutor make_executor, Time now);

  void on_message(ToWorker message, Time now);
  /// Takes what the executor has done since, keeps in touch.
  void on_tick(Time now);
  /// The run must end because of this worker, or go on without it.
  void on_broken(const std::string& error, Broken::Reach reach, Time now);
  /// The process of another worker on this machine has ended.
  void on_sibling_ended(std::uint32_t rank, Time now);
  /// The coordinator's process has ended.
  void on_coordinator_died() { orphaned_ = died_ = !finished_; }

  /// What it wants done since the last call; replaces what `out` held.
  void take_outbox(std::vector<ToCoordinator>& out) {
    out.clear();
    std::swap(outbox_, out);
  }
  Time next_deadline() const;

  /// Whether it has said goodbye.
  bool finished() const { return finished_; }
  /// Then: how long what still runs may take to end.
  Duration grace() const { return grace_; }
  /// Whether the coordinator has been silent for too long.
  bool orphaned() const { return orphaned_; }
  /// Whether that is for its silence, and not because its process has ended.
  bool hears_nothing() const { return orphaned_ && !died_; }
  /// For how long it has been silent.
  Duration silence(Time now) const { return now - heard_; }

 private:
  void on(Welcome& welcome, Time now);
  void on(Grant& grant, Time now);
  void on(Withdraw& withdraw, Time now);
  void on(Heartbeat& heartbeat, Time now);
  void on(Finish& finish, Time now);
  void on(Sibling& sibling, Time now);
  /// Commits what presses, and the rest now and then.
  void report(Time now);
  void commit(Time now);
  void send(ToCoordinator message, Time now);

  const WorkerOptions options_;
  const MakeExecutor make_executor_;
  Duration heartbeat_interval_;  // these three as the coordinator wishes
  Duration orphaned_after_;
  Duration report_interval_{};
  Executor* executor_ = nullptr;   // from the welcome on
  std::uint64_t chunk_count_ = 0;  // likewise
  std::vector<ToCoordinator> outbox_;
  Results results_;  // not committed yet
  WorkerAccount account_;
  bool retired_ = false;  // computes no more
  bool finished_ = false;
  Duration grace_{};
  bool orphaned_ = false;
  bool died_ = false;  // the coordinator's process
  Time heard_;
  Time spoken_;
  Time next_report_{};
  Time last_tick_;
};

}  // namespace taskrun
