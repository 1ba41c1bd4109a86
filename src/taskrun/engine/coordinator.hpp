// SPDX-License-Identifier: MIT
// The coordinator: hands out leases, takes commits, notices who is lost. A pure state machine: no
// clock, socket, thread or file. Whoever drives it (rank.hpp, sim/) passes messages and the time,
// and takes the outbox.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/coordinator_options.hpp"
#include "taskrun/engine/coordinator_parts.hpp"
#include "taskrun/engine/feeder.hpp"
#include "taskrun/engine/intake.hpp"
#include "taskrun/engine/outbox.hpp"
#include "taskrun/engine/recorder.hpp"
#include "taskrun/engine/roster.hpp"
#include "taskrun/engine/stall_watch.hpp"
#include "taskrun/events/account.hpp"
#include "taskrun/schedule/plan.hpp"

namespace taskrun {

/// How a run ended that did not end with an error.
enum class RunEnd {
  complete,         ///< every chunk is done, or has failed for good
  stopped,          ///< early, because it was asked to or its time was up
  too_many_failed,  ///< early, because more chunks failed than tolerated
};

class Coordinator {
 public:
  /// Job and collector outlive the coordinator.
  Coordinator(const Job& job, const Grid& grid, Collector& collector, CoordinatorOptions options,
              Time now);

  /// Before everything else: a piece that an earlier run recorded. Throws CorruptData. Of an
  /// open-ended run its items may come later.
  void restore(ChunkRange piece, ByteView payload) { intake_.restore(piece, payload); }
  /// Of an open-ended run, each time that items have come, or the end.
  void on_input(const InputState& input);
  /// Throws what the job's reduce throws.
  void on_message(std::uint32_t from, ToCoordinator message, Time now);
  /// The worker sent what is no message, or none that can come from it: it is lost for good.
  void on_nonsense(std::uint32_t from, const std::string& what, Time now);
  /// After the messages that have come, and when next_deadline() has passed: grants leases, breaks
  /// silence, gives up the lost.
  void on_tick(Time now);
  /// So many of the records taken from the outbox are durable.
  void on_durable(std::uint64_t records_count) { recorder_.on_durable(records_count); }
  /// The worker's process has ended: it will not come back.
  void on_worker_died(std::uint32_t rank, Time now);
  /// Ends the run early: leases no more, and gives running leases their grace.
  void on_drain(Time now);
  /// Ends the run now, without a result.
  void on_stop(Time now);
  /// Likewise, and gives what still runs the time to end.
  void on_failure(Time now);

  /// What it wants done since the last call; replaces what `out` held.
  void take_outbox(Outbox& out) { outbox_.move_to(out); }
  /// When on_tick has something to do without any message.
  Time next_deadline() const;

  /// Whether all chunks are done or failed and everybody has said goodbye, or had the time to.
  bool finished() const { return state_ == State::finished; }
  /// Once finished, and if there is no error.
  RunEnd ended() const { return ended_; }
  /// Why the run cannot go on; it is ending, or has ended, without a result.
  const std::optional<Error>& error() const { return error_; }
  /// Whether that is for want of workers: with new ones the run could go on.
  bool workers_gone() const { return workers_gone_; }

  Progress progress(Time now) const;
  Account account() const;
  const Plan& plan() const { return plan_; }

 private:
  enum class State { running, draining, finishing, finished };

  /// Throws CorruptData for what makes no sense.
  void take(WorkerId from, ToCoordinator& message, Time now);
  void on(WorkerId from, Hello& hello, Time now);
  void on(WorkerId from, Refused& refused, Time now);
  void on(WorkerId from, Commit& commit, Time now);
  void on(WorkerId from, Alive& alive, Time now);
  void on(WorkerId from, Broken& broken, Time now);
  void on(WorkerId from, SiblingEnded& ended, Time now);
  void on(WorkerId from, Goodbye& goodbye, Time now);

  /// A tick of a running run.
  void go_on(Time now);
  bool too_many_failed() const;
  /// Puts what is new into the outbox, for the journal.
  void record(Time now);

  void look_for_stalls(Time now);
  void on_alarm(const StallWatch::Alarm& alarm, Time now);
  void keep_alive(Time now);
  void lose(WorkerId id, Loss loss, const std::string& why);
  /// Ends a run that has nobody left to compute; `why` the last one went.
  enum class Successors { help, meet_the_same };
  void expect_workers(const std::string& why, Time now, Successors successors = Successors::help);
  std::string named(WorkerId id) const;
  void join(WorkerId id, Time now);
  /// On a machine that is not ours workers watch each other.
  void introduce(WorkerId newcomer, Time now);
  void refuse(const std::string& why, Time now);
  void fail_run(const std::string& why, Time now);
  void drain(RunEnd why, Time now);
  void end_when_done(Time now);
  void withdraw_all(Cancel how, Time now);
  void ask_running_to_end(Time now);
  void tell_of_running();
  void finish(Time now, Duration grace);

  const Job& job_;
  const Grid grid_;
  Collector& collector_;
  const CoordinatorOptions options_;
  Plan plan_;
  Roster roster_;
  Recorder recorder_;
  Outbox outbox_;
  const CoordinatorParts parts_;
  Feeder feeder_;
  Intake intake_;
  StallWatch stalls_;

  State state_ = State::running;
  std::optional<Error> error_;
  bool workers_gone_ = false;

  const Time started_;
  Time last_commit_{};
  Duration median_chunk_{};
  Time last_tick_;
  Time next_beat_;
  Time drain_until_ = never;
  Time running_asked_ = never;  // when what runs was asked to end
  Time tell_asked_ = never;
  Time goodbyes_until_ = never;
  RunEnd ended_ = RunEnd::complete;
  std::uint32_t lost_count_ = 0;
};

}  // namespace taskrun
