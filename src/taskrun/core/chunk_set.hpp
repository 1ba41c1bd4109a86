// SPDX-License-Identifier: MIT
// A set of chunk numbers kept as disjoint, non-touching ranges: a billion chunks in order cost one
// entry, and memory grows with the holes only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "taskrun/core/range.hpp"

namespace taskrun {

/// Every operation costs O(log ranges) plus the ranges it touches.
class ChunkSet {
 public:
  ChunkSet() = default;
  explicit ChunkSet(ChunkRange range) { add(range); }

  /// Adds all chunks of the range; those already there stay.
  void add(ChunkRange range);
  /// Removes all chunks of the range; those not there are ignored.
  void remove(ChunkRange range);

  bool empty() const { return ranges_.empty(); }
  /// How many chunks are in the set.
  std::uint64_t size() const { return size_; }
  /// How many ranges hold them; what memory grows with.
  std::size_t range_count() const { return ranges_.size(); }

  bool contains(std::uint64_t chunk) const;
  /// All of them, or any of them; both are true and false respectively for an empty range.
  bool contains_all(ChunkRange range) const;
  bool contains_any(ChunkRange range) const;

  /// The lowest range, if there is one.
  std::optional<ChunkRange> first() const;
  /// The parts of `range` that are, or are not, in the set; in ascending order.
  std::vector<ChunkRange> present_in(ChunkRange range) const;
  std::vector<ChunkRange> absent_in(ChunkRange range) const;
  /// All ranges in ascending order.
  std::vector<ChunkRange> ranges() const;

 private:
  using Ranges = std::map<std::uint64_t, std::uint64_t>;  // begin -> end
  /// The first range that ends after `chunk`.
  Ranges::const_iterator first_ending_after(std::uint64_t chunk) const;

  Ranges ranges_;
  std::uint64_t size_ = 0;
};

}  // namespace taskrun
