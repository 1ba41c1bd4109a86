// SPDX-License-Identifier: MIT
// Which chunk each slot of a process is at, in a file that outlives it: who looks after a crash
// knows what was being computed.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace taskrun {

/// Each slot marks its own; from any thread.
class ChunkMarks {
 public:
  /// Makes the file, or takes the place of one that is there. Throws Error (environment).
  ChunkMarks(const std::string& path, std::uint32_t slots);
  ~ChunkMarks();
  ChunkMarks(const ChunkMarks&) = delete;
  ChunkMarks& operator=(const ChunkMarks&) = delete;

  void begin(std::uint32_t slot, std::uint64_t chunk) {
    cells_[slot].mark.store(chunk + 1, std::memory_order_relaxed);
  }
  void end(std::uint32_t slot) { cells_[slot].mark.store(0, std::memory_order_relaxed); }

 private:
  // Each in a cache line of its own.
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> mark;  // the chunk and one more; 0: none
  };
  friend std::vector<std::uint64_t> marked_chunks(const std::string& path);

  Cell* cells_ = nullptr;
  std::size_t size_ = 0;
};

/// The chunks that are marked in such a file, ascending; none where it cannot be read.
std::vector<std::uint64_t> marked_chunks(const std::string& path);

}  // namespace taskrun
