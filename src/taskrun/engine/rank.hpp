// SPDX-License-Identifier: MIT
// One rank's part in a run, driven for real: moves messages between the transport, the worker with
// its slots and, on rank 0, the coordinator. The same for threads and for MPI.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/coordinator.hpp"
#include "taskrun/engine/peer_watch.hpp"
#include "taskrun/engine/run_rules.hpp"
#include "taskrun/engine/stop_request.hpp"
#include "taskrun/engine/worker.hpp"
#include "taskrun/events/account.hpp"
#include "taskrun/exec/slot_pool.hpp"
#include "taskrun/exec/zygote.hpp"
#include "taskrun/job/job.hpp"
#include "taskrun/journal/journal.hpp"
#include "taskrun/net/transport.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

/// Who watches a run. Called on rank 0, by its message thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_event(const Event& event) = 0;
  /// Ten times a second, and once at the end.
  virtual void on_progress(const Progress& progress) = 0;
};

struct RunOptions : RunRules {
  std::uint32_t slots = 1;        ///< of this rank
  std::uint64_t chunk_count = 0;  ///< 0: chosen by the job
  std::uint64_t chunk_size = 0;   ///< items a chunk; 0: chosen by the job
  Zygote* zygote = nullptr;       ///< isolates user code, and outlives the run; none: it runs here
  std::shared_ptr<ChunkMarks> marks;  ///< of what runs here; none: nobody looks at them

  // For rank 0. What is pointed to outlives the rank.
  Journal* journal = nullptr;   ///< none: nothing is kept
  StopRequest* stop = nullptr;  ///< none: nobody asks
};

/// Thrown by other ranks than rank 0 when that has said nothing for too long.
class FirstRankSilent final : public Error {
 public:
  using Error::Error;
};

/// Nobody is left to compute; with new ranks the run could go on.
class WorkersGone final : public Error {
 public:
  using Error::Error;
};

/// What rank 0 ends with.
struct RunOutcome {
  RunEnd end = RunEnd::complete;
  Partial result;  ///< empty for a job that emits, and unless complete
  Account account;
};

/// Used by one thread, the rank's message thread, which alone touches the transport.
class Rank {
 public:
  /// All outlive the rank. `wakeup` is the one that the transport notifies. Sink and observer are
  /// used on rank 0.
  Rank(Transport& transport, Wakeup& wakeup, Job& job, const RunOptions& options, Sink& sink,
       RunObserver& observer);
  ~Rank();

  /// Takes part in the run until its end: begin, step and wait until finished, end.
  std::optional<RunOutcome> run();

  // The same in steps, for who drives several at once:
  /// First of all. Throws Error where this rank has nothing to compute with.
  void begin();
  /// Does what there is to do, without waiting. Whether there was anything.
  bool step(Time now);
  /// When a step has something to do without any message or result.
  Time next_deadline() const;
  bool finished() const;
  /// Of a finished run. On rank 0: the outcome, and Error for a run that could not be completed. On
  /// others nothing; they report to rank 0 what goes wrong, and throw Error only when rank 0 is
  /// gone.
  std::optional<RunOutcome> end();

  /// On rank 0: ends the run without a result. On others nothing.
  void stop(Time now);
  /// On rank 0: that rank will not come, or not again.
  void on_rank_gone(std::uint32_t rank, Time now);
  /// On rank 0: whose processes have ended, so far.
  const std::vector<std::uint32_t>& gone() const { return gone_; }

  /// Whether a slot is still inside the job's code after the end. The rank must not be destroyed
  /// then: the process ends around it (std::_Exit).
  bool slots_stuck() const { return slots_stuck_; }

 private:
  void open_input();
  void take_input();
  void restore();
  bool move(Time now);
  void look_around(Time now);
  bool receive(Time now);
  void take(const Received& received, Time now);
  void take_for_coordinator(std::uint32_t from, ToCoordinator message, Time now);
  void take_for_worker(std::uint32_t from, ToWorker message, Time now);
  bool flush(Time now);
  void observe(Time now, bool last);
  void on_trouble(const std::exception_ptr& trouble, Time now);
  [[noreturn]] void throw_orphaned(Time now) const;
  Executor& make_executor(const Grid& grid);
  void join_job();
  void complete(WorkerAccount& account) const;
  void send(std::uint32_t to, Frame frame);
  RunOutcome outcome();

  Transport& transport_;
  Wakeup& wakeup_;
  Job& job_;
  const RunOptions options_;
  Sink& sink_;
  RunObserver& observer_;

  Grid grid_;
  std::unique_ptr<Collector> collector_;      // rank 0
  std::unique_ptr<Coordinator> coordinator_;  // rank 0
  std::unique_ptr<InputReading> input_;       // rank 0, of an open-ended run
  InputState taken_;                          // of it
  std::unique_ptr<SlotPool> slots_;           // once the grid is known
  std::unique_ptr<Worker> worker_;

  PeerWatch peers_;
  std::vector<std::uint32_t> gone_;
  Outbox outbox_;                             // being emptied; the coordinator's
  std::vector<ToCoordinator> worker_outbox_;  // likewise
  std::exception_ptr trouble_;
  bool slots_stuck_ = false;
  Duration busy_{};
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
  Time next_progress_{};
  Time next_look_{};  // around
};

/// The grid that the options and the job's own wish make. Throws Error (usage) for more chunks than
/// items, and for a wish where the dataset is open-ended.
Grid make_grid(const DatasetSize& size, const RunOptions& options);

}  // namespace taskrun
