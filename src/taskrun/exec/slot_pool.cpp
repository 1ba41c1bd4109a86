// SPDX-License-Identifier: MIT
#include "taskrun/exec/slot_pool.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "taskrun/core/contract.hpp"
#include "taskrun/os/thread.hpp"

namespace taskrun {
namespace {

// Results of short leases are handed over together when this much time has passed or nothing is
// left to do: the message thread is woken some thousand times a second, not a million.
constexpr Duration hand_over_interval = std::chrono::microseconds(200);
// Taking a lease from the queue costs about a microsecond, more where slots wait for the lock.
constexpr Duration short_lease = std::chrono::microseconds(20);
// After a short lease the next ones are often on their way; to sleep and be woken takes tens of
// microseconds.
constexpr Duration awaited = std::chrono::microseconds(50);
// What was killed ends within milliseconds, unless the machine is very busy.
constexpr Duration killed_deadline = std::chrono::seconds(2);

}  // namespace

SlotPool::SlotPool(std::vector<std::unique_ptr<LeaseRunner>> runners, Wakeup& done) : done_(done) {
  TASKRUN_EXPECT(!runners.empty());
  for (auto& runner : runners) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->runner = std::move(runner);
  }
  try {
    start_threads();
  } catch (const Shortage& shortage) {
    leave();
    throw SlotsShort(shortage.what());
  }
}

SlotPool::~SlotPool() {
  stop(Duration::zero());
  leave();
}

void SlotPool::start_threads() {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    slot.thread =
        start_thread("for slot " + std::to_string(i + 1) + " of " + std::to_string(slots_.size()),
                     [this, &slot] { serve(slot); });
  }
}

void SlotPool::leave() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  queue_filled_.notify_all();
  for (auto& slot : slots_) {
    if (slot->thread.joinable()) slot->thread.join();
  }
}

std::uint32_t SlotPool::slot_count() const { return static_cast<std::uint32_t>(slots_.size()); }

void SlotPool::start(Work work) {
  const std::lock_guard lock(queue_mutex_);
  queue_.push_back(std::move(work));
  queued_ = queue_.size();
  queue_filled_.notify_one();
}

void SlotPool::cancel(LeaseId lease, Cancel how) {
  {
    const std::lock_guard lock(queue_mutex_);
    const auto waiting = std::find_if(queue_.begin(), queue_.end(),
                                      [&](const Work& work) { return work.lease == lease; });
    if (waiting == queue_.end()) {
      if (how == Cancel::if_waiting) return;
      for (auto& slot : slots_) {
        if (slot->running == lease) slot->runner->stop_flag() = true;
      }
      return;
    }
    const std::uint64_t next = waiting->chunks.begin;
    queue_.erase(waiting);
    queued_ = queue_.size();
    const std::lock_guard results_lock(results_mutex_);
    results_.progress.push_back({lease, next, true, 0, Duration::zero()});
  }
  done_.notify();
}

void SlotPool::know_median(Duration median_chunk) {
  for (auto& slot : slots_) slot->runner->know_median(median_chunk);
}

void SlotPool::take_results(Results& out) {
  const std::lock_guard lock(results_mutex_);
  try {
    if (broken_) std::rethrow_exception(std::exchange(broken_, nullptr));
  } catch (const Shortage& shortage) {
    throw SlotsShort(shortage.what());
  }
  if (out.empty()) {
    std::swap(out, results_);
  } else {
    out.append(results_);
  }
  results_.clear();
}

DurationHistogram SlotPool::dispatch() const {
  const std::lock_guard lock(results_mutex_);
  return dispatch_;
}

bool SlotPool::stop(Duration at_most) {
  std::unique_lock lock(queue_mutex_);
  stopping_ = true;
  queue_.clear();
  for (auto& slot : slots_) slot->runner->stop_flag() = true;
  queue_filled_.notify_all();
  if (all_left(lock, at_most)) return true;
  const auto killed =
      std::count_if(slots_.begin(), slots_.end(), [](auto& slot) { return slot->runner->kill(); });
  return killed > 0 && all_left(lock, killed_deadline);
}

bool SlotPool::all_left(std::unique_lock<std::mutex>& lock, Duration at_most) {
  return slot_left_.wait_for(lock, at_most, [this] { return slots_left_ == slots_.size(); });
}

template <typename Step>
void SlotPool::break_if_thrown(const Step& step) {
  std::exception_ptr failure;
  try {
    step();
    return;
  } catch (...) {
    failure = std::current_exception();
  }
  // The handler has been left: the exception belongs to the message thread alone from here, which
  // may destroy it at any moment.
  {
    const std::lock_guard lock(results_mutex_);
    broken_ = std::move(failure);
  }
  done_.notify();
}

void SlotPool::serve(Slot& slot) {
  break_if_thrown([&] { compute(slot); });
  const std::lock_guard lock(queue_mutex_);
  ++slots_left_;
  slot_left_.notify_all();
}

void SlotPool::compute(Slot& slot) {
  Results results;
  std::vector<Work> leases;
  DurationHistogram waited;
  bool short_ones = false;
  Time free_since = never;
  Time handed_over = steady_now();
  const auto hand_over = [&](Results& all) { this->hand_over(all); };

  for (take_leases(slot, leases, false); !leases.empty(); take_leases(slot, leases, short_ones)) {
    for (const Work& work : leases) {
      if (!begin(slot, work.lease)) break;
      const Time begun = steady_now();
      if (free_since != never) waited.record(begun - free_since);
      break_if_thrown([&] { slot.runner->run(work, results, hand_over); });
      free_since = steady_now();
      short_ones = free_since - begun < short_lease;
      if (free_since - handed_over >= hand_over_interval) {
        this->hand_over(results);
        handed_over = free_since;
      }
    }
    this->hand_over(results);
    handed_over = steady_now();
    const std::lock_guard lock(results_mutex_);
    dispatch_.merge(std::exchange(waited, {}));
  }
}

void SlotPool::take_leases(Slot& slot, std::vector<Work>& taken, bool short_ones) {
  taken.clear();
  if (short_ones) await_short_ones();
  std::unique_lock lock(queue_mutex_);
  slot.running = LeaseId{};
  queue_filled_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (stopping_) return;
  // The share leaves enough for the other slots.
  const std::size_t share = short_ones ? queue_.size() / (2 * slots_.size()) : 1;
  for (std::size_t i = 0; i < std::max<std::size_t>(share, 1); ++i) {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_ = queue_.size();
}

void SlotPool::await_short_ones() const {
  const Time until = steady_now() + awaited;
  while (queued_.load(std::memory_order_relaxed) == 0 && steady_now() < until) {
    std::this_thread::yield();
  }
}

bool SlotPool::begin(Slot& slot, LeaseId lease) {
  const std::lock_guard lock(queue_mutex_);
  if (stopping_) return false;
  slot.running = lease;
  slot.runner->stop_flag() = false;
  return true;
}

void SlotPool::hand_over(Results& results) {
  {
    const std::lock_guard lock(results_mutex_);
    if (results_.empty()) {
      std::swap(results_, results);
    } else {
      results_.append(results);
    }
  }
  results.clear();
  done_.notify();
}

}  // namespace taskrun
