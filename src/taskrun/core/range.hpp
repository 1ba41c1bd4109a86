// SPDX-License-Identifier: MIT
// Half-open ranges of items and of chunks. They are different types: an item range never passes
// for a chunk range.
#pragma once

#include <algorithm>
#include <cstdint>

#include "taskrun/core/contract.hpp"

namespace taskrun {

/// [begin, end), counted in whatever Of names. Empty when begin == end.
template <class Of>
struct HalfOpen {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  constexpr std::uint64_t size() const { return end - begin; }
  constexpr bool empty() const { return begin == end; }
  constexpr bool contains(std::uint64_t i) const { return begin <= i && i < end; }
  constexpr bool contains(HalfOpen other) const { return begin <= other.begin && other.end <= end; }
  constexpr bool overlaps(HalfOpen other) const { return begin < other.end && other.begin < end; }
  friend constexpr bool operator==(HalfOpen, HalfOpen) = default;
};

/// What both have in common; empty (at b.begin or a.begin) when that is nothing.
template <class Of>
constexpr HalfOpen<Of> intersection(HalfOpen<Of> a, HalfOpen<Of> b) {
  const std::uint64_t begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

using ItemRange = HalfOpen<struct ItemTag>;
using ChunkRange = HalfOpen<struct ChunkTag>;

}  // namespace taskrun
