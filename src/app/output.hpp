// SPDX-License-Identifier: MIT
// The results' way out. A thread of its own writes, so that a slow reader stops nobody but itself;
// what goes wrong is kept until somebody asks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "taskrun/engine/collector.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

/// Nobody reads stdout any more (`| head`): the run ends, quietly and well.
class ReaderGone : public std::exception {
 public:
  const char* what() const noexcept override { return "nobody reads stdout any more"; }
};

/// Who reads, as far as the run cares.
enum class Reader {
  needed,  ///< each byte is for the reader: without one the run is pointless
  late,    ///< there is something to read at the end only
};

/// Used by one thread.
class OutputWriter final : public Sink {
 public:
  /// Writes to `fd` (-1: there is none), which stays open meanwhile, all but the first
  /// `written_bytes`: those are there already. Notifies `wakeup` when bytes have left or something
  /// failed.
  /// `name` is what messages call it.
  OutputWriter(int fd, Reader reader, Wakeup& wakeup, std::uint64_t written_bytes = 0,
               std::string name = "stdout");
  /// What has not been written is lost.
  ~OutputWriter() override;

  /// Throws as check() does.
  void write(ByteView bytes) override;
  std::uint64_t backlog_bytes() const override { return backlog_bytes_; }

  /// Throws ReaderGone, or Error (environment) for what else went wrong.
  void check() const;
  /// Waits until all is written, then check().
  void finish();

 private:
  void write_on();
  bool take_next(Bytes& next);
  bool write_some(Bytes& bytes, std::size_t& written);
  void fail(int error);

  std::uint64_t written_before_;  // of these, how many are still to come again
  const std::string name_;
  const int fd_;
  const Reader reader_;
  Wakeup& wakeup_;
  const Descriptor bell_;  // rung for the thread
  std::atomic<std::uint64_t> backlog_bytes_ = 0;
  std::atomic<int> error_ = 0;  // an errno

  mutable std::mutex mutex_;
  std::condition_variable progressed_;
  Bytes pending_;      // guarded by mutex_
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

/// For short text, at once. Throws as OutputWriter does.
void write_text(int fd, std::string_view text);

}  // namespace taskrun
