// SPDX-License-Identifier: MIT
// The results' way from rank 0 to the user through the supervisor, who counts them: a run that is
// started again writes the same bytes from the beginning, and must leave out those that are out.
#pragma once

#include <cstdint>
#include <memory>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// Used by one thread; has one of its own for each start.
class OutputRelay {
 public:
  /// `out` is the user's, and stays open.
  explicit OutputRelay(int out);
  /// What has not been passed on yet, because nobody reads it, is lost.
  ~OutputRelay();
  OutputRelay(const OutputRelay&) = delete;
  OutputRelay& operator=(const OutputRelay&) = delete;

  /// A way in for the next start, which ends when all who have it have closed it or died. The last
  /// one must have ended.
  Descriptor open();
  /// Readable once the way has ended and all is passed on, or cannot be.
  int ended_fd() const;

  /// Bytes that the user has.
  std::uint64_t passed_bytes() const;
  /// Why the user has no more: an errno; 0 while all is well.
  int error() const;

 private:
  struct Way;
  std::shared_ptr<Way> way_;
  const int out_;
  std::uint64_t passed_before_ = 0;
  int error_before_ = 0;
};

}  // namespace taskrun
