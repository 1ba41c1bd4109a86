// SPDX-License-Identifier: MIT
#include "app/output.hpp"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "app/standard_streams.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/thread.hpp"

namespace taskrun {
namespace {

// So much may leave before the message thread looks again whether it can lease more.
constexpr std::uint64_t told_bytes = std::uint64_t{1} << 20;
// After poll says so, a pipe takes this much without blocking.
constexpr std::size_t piece_bytes = PIPE_BUF;

}  // namespace

OutputWriter::OutputWriter(int fd, Reader reader, Wakeup& wakeup, std::uint64_t written_bytes,
                           std::string name)
    : written_before_(written_bytes),
      name_(std::move(name)),
      fd_(fd),
      reader_(reader),
      wakeup_(wakeup),
      bell_(make_event_descriptor()) {
  // Poll would wait for ever for a pipe's other end, which never becomes writable.
  if (!is_writable(fd_)) {
    error_ = EBADF;
  } else {
    thread_ = start_thread("to write the output", [this] { write_on(); });
  }
}

OutputWriter::~OutputWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  eventfd_write(bell_.fd(), 1);
  if (thread_.joinable()) thread_.join();
}

void OutputWriter::write(ByteView bytes) {
  check();
  const auto again = std::min<std::uint64_t>(written_before_, bytes.size());
  written_before_ -= again;
  bytes = bytes.subspan(again);
  if (bytes.empty()) return;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = pending_.empty();
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    backlog_bytes_ += bytes.size();
  }
  if (first) eventfd_write(bell_.fd(), 1);
}

void OutputWriter::check() const {
  const int error = error_;
  if (error == 0) return;
  if (error == EPIPE) throw ReaderGone();
  throw environment_error(error == EBADF
                              ? name_ + " is closed; send it to a terminal, a file or a pipe"
                              : "cannot write to " + name_ + ": " + system_reason(error) +
                                    "; the result is not complete");
}

void OutputWriter::finish() {
  std::unique_lock lock(mutex_);
  progressed_.wait(lock, [this] { return backlog_bytes_ == 0 || error_ != 0; });
  check();
}

// --- the thread

void OutputWriter::write_on() {
  Bytes bytes;
  std::size_t written = 0;
  while (error_ == 0) {
    if (bytes.empty() && !take_next(bytes)) return;
    const short wanted = bytes.empty() ? short{0} : short{POLLOUT};
    // A descriptor below zero is not looked at.
    const bool watched = !bytes.empty() || reader_ == Reader::needed;
    pollfd polled[2] = {{watched ? fd_ : -1, wanted, 0}, {bell_.fd(), POLLIN, 0}};
    if (poll(polled, 2, -1) < 0) continue;
    eventfd_t rings = 0;
    if (polled[1].revents != 0) eventfd_read(bell_.fd(), &rings);
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return;
    }
    if (polled[0].revents == 0) continue;
    if (bytes.empty()) {
      fail(EPIPE);  // nothing to write, yet something to tell: the other end is gone
    } else if (write_some(bytes, written) && written == bytes.size()) {
      bytes.clear();
      written = 0;
    }
  }
}

// Returns false when the thread is to end.
bool OutputWriter::take_next(Bytes& next) {
  const std::lock_guard lock(mutex_);
  next.swap(pending_);
  return !stop_;
}

bool OutputWriter::write_some(Bytes& bytes, std::size_t& written) {
  const auto count =
      ::write(fd_, bytes.data() + written, std::min(piece_bytes, bytes.size() - written));
  if (count < 0) {
    if (errno != EINTR && errno != EAGAIN) fail(errno);
    return false;
  }
  const auto before = written / told_bytes;
  written += static_cast<std::size_t>(count);
  {
    const std::lock_guard lock(mutex_);
    backlog_bytes_ -= static_cast<std::size_t>(count);
  }
  if (written == bytes.size() || written / told_bytes != before) {
    progressed_.notify_one();
    wakeup_.notify();
  }
  return true;
}

void OutputWriter::fail(int error) {
  {
    const std::lock_guard lock(mutex_);
    error_ = error;
  }
  progressed_.notify_one();
  wakeup_.notify();
}

void write_text(int fd, std::string_view text) {
  Wakeup nobody;
  OutputWriter writer(fd, Reader::late, nobody);
  writer.write(view_of(text));
  writer.finish();
}

}  // namespace taskrun
