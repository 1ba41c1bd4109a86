// SPDX-License-Identifier: MIT
// The executor of a real rank: one thread a slot, and one queue of leases for all of them. How a
// slot computes is its runner's matter.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "taskrun/core/error.hpp"
#include "taskrun/core/histogram.hpp"
#include "taskrun/exec/executor.hpp"
#include "taskrun/exec/lease_runner.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

/// The system has too little of something for the slots here: this worker cannot go on, others can.
class SlotsShort final : public Error {
 public:
  explicit SlotsShort(const std::string& what) : Error(ExitCode::environment, what) {}
};

/// Owned by the rank's message thread, which alone calls it. Results notify `done`.
class SlotPool final : public Executor {
 public:
  /// Starts a thread for each runner; throws SlotsShort. The wakeup outlives the pool.
  SlotPool(std::vector<std::unique_ptr<LeaseRunner>> runners, Wakeup& done);
  /// Stops at the next chunk borders and joins the threads; see also stop().
  ~SlotPool() override;

  std::uint32_t slot_count() const override;
  void start(Work work) override;
  void cancel(LeaseId lease, Cancel how) override;
  void know_median(Duration median_chunk) override;
  /// Rethrows what a job's reduce threw. Throws SlotsShort.
  void take_results(Results& out) override;

  /// How long free slots waited for each lease so far, the first one of each slot not counted.
  DurationHistogram dispatch() const;

  /// Asks all slots to stop and waits for them, at most this long; then kills what can be killed.
  /// False where one is still inside the job's code: then the process should end without destroying
  /// the pool.
  bool stop(Duration at_most);

 private:
  struct Slot {
    std::unique_ptr<LeaseRunner> runner;
    LeaseId running;  // guarded by queue_mutex_; 0: none
    std::thread thread;
  };
  void start_threads();
  /// Ends all threads that were started.
  void leave();
  void serve(Slot& slot);
  void compute(Slot& slot);
  template <typename Step>
  void break_if_thrown(const Step& step);
  /// Waits for a lease and takes it, or some where they are so short that taking one at a time
  /// would cost more than computing it; none when the pool stops.
  void take_leases(Slot& slot, std::vector<Work>& taken, bool short_ones);
  /// Looks for leases for a short while, without the lock.
  void await_short_ones() const;
  /// Whether the slot may compute the lease: false when the pool stops.
  bool begin(Slot& slot, LeaseId lease);
  void hand_over(Results& results);

  bool all_left(std::unique_lock<std::mutex>& lock, Duration at_most);

  Wakeup& done_;

  mutable std::mutex queue_mutex_;  // guards the five below, and which lease each slot runs
  std::condition_variable queue_filled_;
  std::condition_variable slot_left_;
  std::deque<Work> queue_;
  std::atomic<std::size_t> queued_ = 0;  // its size, also to be looked at without the lock
  std::uint32_t slots_left_ = 0;
  bool stopping_ = false;

  mutable std::mutex results_mutex_;  // guards the three below
  Results results_;
  DurationHistogram dispatch_;
  std::exception_ptr broken_;

  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace taskrun
