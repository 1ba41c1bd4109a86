// SPDX-License-Identifier: MIT
#include "taskrun/launch/output_relay.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <thread>

#include "taskrun/core/contract.hpp"
#include "taskrun/os/pipe.hpp"
#include "taskrun/os/thread.hpp"

namespace taskrun {

// One start's. Shared with its thread, which may wait for ever for somebody to read.
struct OutputRelay::Way {
  int out = -1;
  Descriptor in;
  Descriptor ended;
  std::atomic<std::uint64_t> passed_bytes = 0;
  std::atomic<int> error = 0;

  void pass_on();
  void write_all(const char* bytes, std::size_t count);
  bool wait_for_input() const;
};

// False when nobody reads any more.
bool OutputRelay::Way::wait_for_input() const {
  std::array<pollfd, 2> polled{{{in.fd(), POLLIN, 0}, {out, 0, 0}}};
  poll(polled.data(), polled.size(), -1);
  return polled[0].revents != 0 || (polled[1].revents & POLLERR) == 0;
}

void OutputRelay::Way::write_all(const char* bytes, std::size_t count) {
  while (count > 0 && error == 0) {
    const auto written = write(out, bytes, count);
    if (written >= 0) {
      passed_bytes += static_cast<std::uint64_t>(written);
      bytes += written;
      count -= static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      pollfd polled{out, POLLOUT, 0};
      poll(&polled, 1, -1);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
}

void OutputRelay::Way::pass_on() {
  std::array<char, 65536> buffer;
  while (error == 0) {
    if (!wait_for_input()) {
      error = EPIPE;
      break;
    }
    const auto count = read(in.fd(), buffer.data(), buffer.size());
    if (count == 0) break;
    if (count > 0) write_all(buffer.data(), static_cast<std::size_t>(count));
  }
  // Who still writes learns that nobody reads.
  in.reset();
  eventfd_write(ended.fd(), 1);
}

OutputRelay::OutputRelay(int out) : out_(out) {}

OutputRelay::~OutputRelay() = default;

Descriptor OutputRelay::open() {
  passed_before_ = passed_bytes();
  error_before_ = error();
  Pipe pipe = make_pipe();
  way_ = std::make_shared<Way>();
  way_->out = out_;
  way_->in = std::move(pipe.reader);
  way_->ended = make_event_descriptor();
  start_thread("to pass the output on", [way = way_] { way->pass_on(); }).detach();
  return std::move(pipe.writer);
}

int OutputRelay::ended_fd() const {
  TASKRUN_EXPECT(way_ != nullptr);
  return way_->ended.fd();
}

std::uint64_t OutputRelay::passed_bytes() const {
  return passed_before_ + (way_ ? way_->passed_bytes.load() : 0);
}

int OutputRelay::error() const {
  return error_before_ != 0 || !way_ ? error_before_ : way_->error.load();
}

}  // namespace taskrun
