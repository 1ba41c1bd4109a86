// SPDX-License-Identifier: MIT
// The partition of a dataset into chunks. It depends on the job and its parameters only, never on
// who computes: that is half of the promise of identical bits (the other half is reduce/tree.hpp).
#pragma once

#include <algorithm>
#include <cstdint>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/range.hpp"

namespace taskrun {

/// `size` items cut into `count` chunks whose sizes differ by at most one.
/// Chunk i is [i*size/count, (i+1)*size/count) in exact integer arithmetic. With more chunks than
/// items some chunks are empty; without items all are.
class Grid {
 public:
  Grid() = default;
  /// Sizes up to 2^64 - 1. Items without a chunk to hold them are a broken contract.
  Grid(std::uint64_t size, std::uint64_t count)
      : size_(size),
        count_(count),
        each_(count == 0 ? 0 : size / count),
        rest_(count == 0 ? 0 : size % count) {
    TASKRUN_EXPECT(count > 0 || size == 0);
  }

  /// Of a dataset whose end nobody knows: each item is a chunk, and how many there are is not the
  /// grid's matter.
  static Grid open_ended() { return {UINT64_MAX, UINT64_MAX}; }
  bool is_open_ended() const { return size_ == UINT64_MAX && count_ == UINT64_MAX; }

  std::uint64_t item_count() const { return size_; }
  std::uint64_t chunk_count() const { return count_; }
  ChunkRange chunks() const { return {0, count_}; }

  ItemRange items(std::uint64_t chunk) const { return {border(chunk), border(chunk + 1)}; }
  ItemRange items(ChunkRange chunks) const { return {border(chunks.begin), border(chunks.end)}; }

  /// The first item of a chunk; for chunk_count() the number of items.
  std::uint64_t border(std::uint64_t chunk) const {
    // chunk * size / count, with the whole part of size / count taken out: often nothing is left,
    // and a division of 128 bits costs as much as an empty chunk.
    if (rest_ == 0) return chunk * each_;
    return chunk * each_ + static_cast<std::uint64_t>(Wide{chunk} * rest_ / count_);
  }

  friend bool operator==(const Grid&, const Grid&) = default;

 private:
  __extension__ using Wide = unsigned __int128;

  std::uint64_t size_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t each_ = 0;  // size / count
  std::uint64_t rest_ = 0;  // size % count
};

/// The grid of `size` items in `count` chunks.
inline Grid chunk_it(std::uint64_t size, std::uint64_t count) { return {size, count}; }

}  // namespace taskrun
