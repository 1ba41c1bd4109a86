// SPDX-License-Identifier: MIT
// What map is told beside its items, and where a job that emits writes to.
#pragma once

#include <atomic>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// Made for each chunk; valid while map runs, on map's thread.
class Context {
 public:
  Context(std::uint64_t chunk, std::uint32_t attempt, const std::atomic<bool>& stop,
          Duration time_limit = {})
      : chunk_(chunk), attempt_(attempt), stop_(stop), time_limit_(time_limit) {}

  /// The number of the chunk in the grid.
  std::uint64_t chunk() const { return chunk_; }
  /// The number of this try at the chunk, from 1.
  std::uint32_t attempt() const { return attempt_; }
  /// Whether the result is no longer wanted: a long map may return anything as soon as it sees
  /// this.
  bool stop_requested() const { return stop_.load(std::memory_order_relaxed); }
  /// How long the chunk may take (--timeout); zero: any time. Whoever exceeds it is ended with its
  /// process, soon after.
  Duration time_limit() const { return time_limit_; }

 private:
  std::uint64_t chunk_;
  std::uint32_t attempt_;
  const std::atomic<bool>& stop_;
  Duration time_limit_;
};

/// What emit may throw: the chunk has failed, and yet what it wrote belongs to the output, unless
/// the chunk is tried again. What other exceptions leave behind is dropped.
class ChunkFailed : public std::runtime_error {
 public:
  /// `final_failure`: it would fail again, so it is not tried again.
  explicit ChunkFailed(const std::string& what, bool final_failure = false)
      : std::runtime_error(what), is_final(final_failure) {}

  bool is_final;
  std::string text;  ///< what it wrote; filled in by who calls emit
};

/// The text that a chunk of an emitting job adds to the run's output. Outputs leave in the order of
/// the chunks, each whole.
class Output {
 public:
  explicit Output(std::string& text) : text_(text) {}

  Output& operator<<(std::string_view text) {
    text_ += text;
    return *this;
  }
  template <std::integral Number>
  Output& operator<<(Number number) {
    char digits[40];  // 128 bits have 39, and a sign
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    text_.append(digits, end);
    return *this;
  }
  Output& operator<<(char c) {
    text_ += c;
    return *this;
  }

 private:
  std::string& text_;
};

}  // namespace taskrun
