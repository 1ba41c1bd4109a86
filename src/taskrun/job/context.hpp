// SPDX-License-Identifier: MIT
// What map is told beside its items, and where a job that emits writes to.
#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "taskrun/core/process_end.hpp"
#include "taskrun/core/secrets.hpp"
#include "taskrun/core/time.hpp"

namespace taskrun {

/// What a chunk may use. Zero: there is no limit, or it is not known.
struct ChunkLimits {
  Duration time{};                 ///< --timeout
  std::uint64_t memory_bytes = 0;  ///< --memory
  /// Between being asked to end and being ended (--grace), of a job that keeps its limits.
  Duration grace{};
  std::uint32_t cores = 0;  ///< that its slot has
  /// In what is said of it.
  Secrets secrets = Secrets::masked;
};

/// Made for each chunk; valid while map runs, on map's thread.
class Context {
 public:
  Context(std::uint64_t chunk, std::uint32_t attempt, const std::atomic<bool>& stop,
          const ChunkLimits& limits = {})
      : chunk_(chunk), attempt_(attempt), stop_(stop), limits_(limits) {}

  /// The number of the chunk in the grid.
  std::uint64_t chunk() const { return chunk_; }
  /// The number of this try at the chunk, from 1.
  std::uint32_t attempt() const { return attempt_; }
  /// Whether the result is no longer wanted: a long map may return anything as soon as it sees
  /// this.
  bool stop_requested() const { return stop_.load(std::memory_order_relaxed); }
  /// Whoever exceeds them is ended with its process; a job that keeps them itself, soon after.
  const ChunkLimits& limits() const { return limits_; }
  /// What processes of the chunk, which nobody else sees, had of memory at the most.
  void note_memory(std::uint64_t bytes) const { memory_bytes_ = std::max(memory_bytes_, bytes); }
  /// The most of what was noted; 0 where nothing was.
  std::uint64_t noted_memory_bytes() const { return memory_bytes_; }

 private:
  std::uint64_t chunk_;
  std::uint32_t attempt_;
  const std::atomic<bool>& stop_;
  const ChunkLimits limits_;
  mutable std::uint64_t memory_bytes_ = 0;
};

/// What map may throw that has noticed stop_requested(): nothing is said of the chunk.
class ChunkStopped : public std::runtime_error {
 public:
  ChunkStopped() : std::runtime_error("stopped") {}
};

/// What emit may throw: the chunk has failed, and yet what it wrote belongs to the output, unless
/// the chunk is tried again. What other exceptions leave behind is dropped.
class ChunkFailed : public std::runtime_error {
 public:
  /// `final_failure`: it would fail again, so it is not tried again.
  explicit ChunkFailed(const std::string& what, bool final_failure = false)
      : std::runtime_error(what), is_final(final_failure) {}

  bool is_final;
  ProcessEnd end;    ///< of the command that the chunk was, if it was one
  std::string text;  ///< what it wrote; filled in by who calls emit
  /// What belongs into the job's details_path(), in the order of the chunks.
  std::string details;
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
