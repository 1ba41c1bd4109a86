// SPDX-License-Identifier: MIT
#include "taskrun/journal/group_commit.hpp"

#include <utility>

#include "taskrun/os/thread.hpp"

namespace taskrun {

GroupCommit::GroupCommit(Database& database, std::mutex& database_mutex, RecordedSession session,
                         Wakeup& wakeup)
    : database_(database),
      database_mutex_(database_mutex),
      wakeup_(wakeup),
      tables_(database, session),
      thread_(start_thread("to write the journal", [this] {
        write_on();
        const std::lock_guard lock(mutex_);
        ended_ = true;
        end_.notify_one();
      })) {}

GroupCommit::~GroupCommit() {
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }
  stop();
  if (thread_.joinable()) thread_.join();
}

void GroupCommit::record(Records records) {
  check();
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(records));
  }
  recorded_.notify_one();
}

std::uint64_t GroupCommit::durable_count() const {
  check();
  return durable_count_.load(std::memory_order_acquire);
}

bool GroupCommit::finish(std::chrono::milliseconds at_most) {
  stop();
  std::unique_lock lock(mutex_);
  if (!end_.wait_for(lock, at_most, [this] { return ended_; })) return false;
  check();
  return true;
}

void GroupCommit::stop() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  recorded_.notify_one();
}

void GroupCommit::check() const {
  if (has_failed_.load(std::memory_order_acquire)) std::rethrow_exception(failure_);
}

// --- the thread

void GroupCommit::write_on() {
  std::vector<Records> group;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      recorded_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      group.clear();
      group.swap(waiting_);
    }
    try {
      write(group);
    } catch (...) {
      failure_ = std::current_exception();
      has_failed_.store(true, std::memory_order_release);
      wakeup_.notify();
      return;
    }
    durable_count_.fetch_add(group.size(), std::memory_order_release);
    wakeup_.notify();
  }
}

void GroupCommit::write(const std::vector<Records>& group) {
  const std::lock_guard lock(database_mutex_);
  Transaction transaction(database_);
  for (const Records& records : group) tables_.write(records);
  transaction.commit();
}

}  // namespace taskrun
