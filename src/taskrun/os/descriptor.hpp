// SPDX-License-Identifier: MIT
// A file descriptor and who closes it.
#pragma once

#include <unistd.h>

#include <utility>

namespace taskrun {

/// Owns a descriptor; -1 for none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }

  int fd() const { return fd_; }
  /// The caller owns it from here on.
  int release() { return std::exchange(fd_, -1); }
  bool open() const { return fd_ >= 0; }
  void reset(int fd = -1) {
    const int old = std::exchange(fd_, fd);
    if (old >= 0) close(old);
  }

 private:
  int fd_;
};

}  // namespace taskrun
