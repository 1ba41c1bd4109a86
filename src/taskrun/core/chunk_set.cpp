// SPDX-License-Identifier: MIT
#include "taskrun/core/chunk_set.hpp"

namespace taskrun {

ChunkSet::Ranges::const_iterator ChunkSet::first_ending_after(std::uint64_t chunk) const {
  auto it = ranges_.upper_bound(chunk);
  if (it != ranges_.begin() && std::prev(it)->second > chunk) --it;
  return it;
}

void ChunkSet::add(ChunkRange range) {
  if (range.empty()) return;
  auto next = ranges_.upper_bound(range.begin);
  // The common case, a range that continues its left neighbour, changes that neighbour in place.
  auto grown = ranges_.end();
  if (next != ranges_.begin() && std::prev(next)->second >= range.begin) {
    grown = std::prev(next);
    if (grown->second >= range.end) return;
    size_ += range.end - grown->second;
    grown->second = range.end;
  } else {
    grown = ranges_.emplace_hint(next, range.begin, range.end);
    size_ += range.size();
  }
  while (next != ranges_.end() && next->first <= range.end) {
    size_ -= std::min(next->second, range.end) - next->first;
    grown->second = std::max(grown->second, next->second);
    next = ranges_.erase(next);
  }
}

void ChunkSet::remove(ChunkRange range) {
  if (range.empty()) return;
  auto it = ranges_.upper_bound(range.begin);
  if (it != ranges_.begin() && std::prev(it)->second > range.begin) --it;
  while (it != ranges_.end() && it->first < range.end) {
    const ChunkRange whole{it->first, it->second};
    const ChunkRange cut = intersection(whole, range);
    size_ -= cut.size();
    if (whole.begin < cut.begin) {
      it->second = cut.begin;
      ++it;
      if (cut.end < whole.end) ranges_.emplace_hint(it, cut.end, whole.end);
    } else if (cut.end < whole.end) {
      // The common case, the front of a range: its node is used again.
      const auto after = std::next(it);
      auto node = ranges_.extract(it);
      node.key() = cut.end;
      ranges_.insert(after, std::move(node));
      it = after;
    } else {
      it = ranges_.erase(it);
    }
  }
}

bool ChunkSet::contains(std::uint64_t chunk) const {
  const auto it = first_ending_after(chunk);
  return it != ranges_.end() && it->first <= chunk;
}

bool ChunkSet::contains_all(ChunkRange range) const {
  if (range.empty()) return true;
  const auto it = first_ending_after(range.begin);
  return it != ranges_.end() && it->first <= range.begin && range.end <= it->second;
}

bool ChunkSet::contains_any(ChunkRange range) const {
  if (range.empty()) return false;
  const auto it = first_ending_after(range.begin);
  return it != ranges_.end() && it->first < range.end;
}

std::optional<ChunkRange> ChunkSet::first() const {
  if (ranges_.empty()) return std::nullopt;
  return ChunkRange{ranges_.begin()->first, ranges_.begin()->second};
}

std::vector<ChunkRange> ChunkSet::present_in(ChunkRange range) const {
  std::vector<ChunkRange> found;
  for (auto it = first_ending_after(range.begin); it != ranges_.end() && it->first < range.end;
       ++it) {
    found.push_back(intersection(ChunkRange{it->first, it->second}, range));
  }
  return found;
}

std::vector<ChunkRange> ChunkSet::absent_in(ChunkRange range) const {
  std::vector<ChunkRange> found;
  std::uint64_t at = range.begin;
  for (auto it = first_ending_after(range.begin); it != ranges_.end() && it->first < range.end;
       ++it) {
    if (at < it->first) found.push_back({at, it->first});
    at = it->second;
  }
  if (at < range.end) found.push_back({at, range.end});
  return found;
}

std::vector<ChunkRange> ChunkSet::ranges() const {
  std::vector<ChunkRange> all;
  all.reserve(ranges_.size());
  for (const auto& [begin, end] : ranges_) all.push_back({begin, end});
  return all;
}

}  // namespace taskrun
