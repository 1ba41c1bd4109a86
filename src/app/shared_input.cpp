// SPDX-License-Identifier: MIT
#include "app/shared_input.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "taskrun/core/error.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/unnamed_file.hpp"

namespace taskrun {
namespace {

constexpr std::size_t copied_bytes = 1 << 16;

Descriptor nothing() { return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool is_null_device(const struct stat& status) {
  struct stat null {};
  return S_ISCHR(status.st_mode) && stat("/dev/null", &null) == 0 && status.st_rdev == null.st_rdev;
}

}  // namespace

InputRelay::InputRelay() : kept_(unnamed_file()), pipe_(make_pipe()) {
  fcntl(pipe_.writer.fd(), F_SETFL, O_NONBLOCK);
}

pollfd InputRelay::waits_for() const {
  if (!pipe_.writer.open()) return {-1, 0, 0};
  return pending_.empty() ? pollfd{STDIN_FILENO, POLLIN, 0} : pollfd{pipe_.writer.fd(), POLLOUT, 0};
}

void InputRelay::go_on() {
  if (pending_.empty() && !ended_) take();
  if (!pending_.empty()) {
    const ssize_t count = write(pipe_.writer.fd(), pending_.data(), pending_.size());
    if (count > 0) {
      passed_bytes_ += static_cast<std::uint64_t>(count);
      pending_.erase(0, static_cast<std::size_t>(count));
    }
  }
  // The process sees the end.
  if (ended_ && pending_.empty()) pipe_.writer.reset();
}

void InputRelay::take() {
  std::array<char, copied_bytes> block;
  const ssize_t count = read(STDIN_FILENO, block.data(), block.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count < 0) {
    throw usage_error("cannot read stdin: " + system_reason(errno));
  }
  ended_ = count == 0;
  pending_.assign(block.data(), static_cast<std::size_t>(count));
  append(kept_, pending_);
}

bool InputRelay::was_read() const {
  int unread = 0;
  if (ioctl(pipe_.reader.fd(), FIONREAD, &unread) != 0) return true;
  return passed_bytes_ > static_cast<std::uint64_t>(unread);
}

void InputRelay::keep_rest(const StopSignals& signals) {
  while (!ended_) {
    std::array<pollfd, 2> polled{{{STDIN_FILENO, POLLIN, 0}, {signals.fd(), POLLIN, 0}}};
    poll(polled.data(), polled.size(), -1);
    if (polled[1].revents != 0) return;
    if (polled[0].revents != 0) take();
  }
}

SharedInput::SharedInput() {
  struct stat status {};
  if (fstat(STDIN_FILENO, &status) != 0 || is_null_device(status)) return;
  if (!S_ISREG(status.st_mode)) {
    relay_.emplace();
    return;
  }
  file_.reset(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  const auto offset = lseek(STDIN_FILENO, 0, SEEK_CUR);
  offset_ = offset > 0 ? static_cast<std::uint64_t>(offset) : 0;
}

void SharedInput::settle(const StopSignals& signals) {
  if (!relay_) return;
  if (relay_->was_read()) {
    relay_->keep_rest(signals);
    file_.reset(fcntl(relay_->kept().fd(), F_DUPFD_CLOEXEC, 0));
  }
  relay_.reset();
}

Descriptor SharedInput::open() const { return file_.open() ? reopened(file_, offset_) : nothing(); }

}  // namespace taskrun
