// SPDX-License-Identifier: MIT
// The journal's own thread: whatever was recorded since the last transaction goes into the next
// one, so that a slow disk makes transactions larger, not the run slower.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "taskrun/journal/database.hpp"
#include "taskrun/journal/record_tables.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

/// Used by one thread.
class GroupCommit {
 public:
  /// All outlive it. `database_mutex` is held during each transaction; `wakeup` is notified after
  /// it, and when one failed.
  GroupCommit(Database& database, std::mutex& database_mutex, RecordedSession session,
              Wakeup& wakeup);
  /// What is not durable yet is lost.
  ~GroupCommit();

  /// Returns at once. Throws as durable_count() does.
  void record(Records records);
  /// Of record()'s calls. Throws what made a transaction fail; after it there is no other.
  std::uint64_t durable_count() const;
  /// Waits until everything recorded is durable, and ends the thread. Throws likewise. False where
  /// the disk does not return for so long.
  bool finish(std::chrono::milliseconds at_most);

 private:
  void write_on();
  void write(const std::vector<Records>& group);
  void stop();
  void check() const;

  Database& database_;
  std::mutex& database_mutex_;
  Wakeup& wakeup_;
  RecordTables tables_;
  std::atomic<std::uint64_t> durable_count_ = 0;
  std::atomic<bool> has_failed_ = false;
  std::exception_ptr failure_;  // written before has_failed_

  std::mutex mutex_;
  std::condition_variable recorded_;
  std::vector<Records> waiting_;  // guarded by mutex_
  bool stop_ = false;             // guarded by mutex_
  bool ended_ = false;            // guarded by mutex_
  std::condition_variable end_;
  std::thread thread_;
};

}  // namespace taskrun
