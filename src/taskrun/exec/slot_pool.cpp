// SPDX-License-Identifier: MIT
#include "taskrun/exec/slot_pool.hpp"

#include <algorithm>
#include <utility>

#include "taskrun/core/contract.hpp"
#include "taskrun/exec/chunk_runner.hpp"

namespace taskrun {
namespace {

// Results of short leases are handed over together when this much time has passed or nothing is
// left to do: the message thread is woken some thousand times a second, not a million.
constexpr Duration hand_over_interval = std::chrono::microseconds(200);

}  // namespace

SlotPool::SlotPool(const Job& job, const Grid& grid, std::uint32_t slots, Wakeup& done)
    : job_(job), grid_(grid), done_(done) {
  TASKRUN_EXPECT(slots > 0);
  slots_.reserve(slots);
  for (std::uint32_t i = 0; i < slots; ++i) slots_.emplace_back([this] { serve(); });
}

SlotPool::~SlotPool() {
  stop(Duration::zero());
  for (auto& slot : slots_) slot.join();
}

std::uint32_t SlotPool::slot_count() const { return static_cast<std::uint32_t>(slots_.size()); }

void SlotPool::start(Work work) {
  const std::lock_guard lock(queue_mutex_);
  auto stop = std::make_shared<std::atomic<bool>>(false);
  living_.emplace(work.lease, stop);
  queue_.push_back({std::move(work), std::move(stop)});
  queue_filled_.notify_one();
}

void SlotPool::cancel(LeaseId lease, Cancel how) {
  {
    const std::lock_guard lock(queue_mutex_);
    const auto living = living_.find(lease);
    if (living == living_.end()) return;
    const auto waiting = std::find_if(queue_.begin(), queue_.end(),
                                      [&](const Queued& q) { return q.work.lease == lease; });
    if (waiting == queue_.end()) {
      if (how == Cancel::now) living->second->store(true, std::memory_order_relaxed);
      return;
    }
    const std::uint64_t next = waiting->work.chunks.begin;
    queue_.erase(waiting);
    living_.erase(living);
    const std::lock_guard results_lock(results_mutex_);
    results_.progress.push_back({lease, next, true, 0, Duration::zero()});
  }
  done_.notify();
}

void SlotPool::take_results(Results& out) {
  const std::lock_guard lock(results_mutex_);
  if (broken_) std::rethrow_exception(std::exchange(broken_, nullptr));
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
  for (auto& [lease, stop] : living_) stop->store(true, std::memory_order_relaxed);
  queue_filled_.notify_all();
  return slot_left_.wait_for(lock, at_most, [this] { return slots_left_ == slots_.size(); });
}

void SlotPool::serve() {
  ChunkRunner runner(job_, grid_);
  Results results;
  Time free_since = never;
  Time handed_over = steady_now();
  const auto hand_over = [&](Results& all) { this->hand_over(all); };

  for (auto leases = take_leases(); !leases.empty(); leases = take_leases()) {
    for (auto& [work, stop] : leases) {
      const Time begun = steady_now();
      if (free_since != never) {
        const std::lock_guard lock(results_mutex_);
        dispatch_.record(begun - free_since);
      }
      try {
        runner.run(work, *stop, results, hand_over);
      } catch (...) {
        const std::lock_guard lock(results_mutex_);
        broken_ = std::current_exception();
      }
      forget(work.lease);
      free_since = steady_now();
      if (free_since - handed_over >= hand_over_interval) {
        this->hand_over(results);
        handed_over = free_since;
      }
    }
    this->hand_over(results);
    handed_over = steady_now();
  }
  const std::lock_guard lock(queue_mutex_);
  ++slots_left_;
  slot_left_.notify_all();
}

std::vector<SlotPool::Queued> SlotPool::take_leases() {
  std::unique_lock lock(queue_mutex_);
  queue_filled_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  std::vector<Queued> taken;
  if (stopping_) return taken;
  // One lease is the rule. Where many short ones wait, taking some together spares the lock; the
  // share leaves enough for the other slots.
  const std::size_t share = std::max<std::size_t>(1, queue_.size() / (2 * slots_.size()));
  for (std::size_t i = 0; i < share; ++i) {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return taken;
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

void SlotPool::forget(LeaseId lease) {
  const std::lock_guard lock(queue_mutex_);
  living_.erase(lease);
}

}  // namespace taskrun
