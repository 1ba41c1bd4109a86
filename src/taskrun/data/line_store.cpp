// SPDX-License-Identifier: MIT
#include "taskrun/data/line_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "taskrun/core/contract.hpp"

namespace taskrun {

void LineBatch::add(const CutLine& line) {
  text_ += line.text;
  lines_.push_back({text_.size(), line.number, line.too_long});
}

std::uint64_t LineBatch::memory_bytes() const {
  return text_.capacity() + lines_.capacity() * sizeof(Entry) + sizeof *this;
}

CutLine LineBatch::line(std::uint64_t index) const {
  const Entry& entry = lines_[index];
  const std::uint64_t begin = index == 0 ? 0 : lines_[index - 1].end;
  return {std::string_view(text_).substr(begin, entry.end - begin), entry.number, entry.too_long};
}

void LineStore::add(LineBatch batch) {
  if (batch.empty()) return;
  const std::lock_guard lock(mutex_);
  const ChunkRange items{size_, size_ + batch.size()};
  size_ = items.end;
  Kept kept{std::move(batch), items.size()};
  for (const ChunkRange released : released_early_.present_in(items)) kept.left -= released.size();
  released_early_.remove(items);
  if (kept.left == 0) return;
  waiting_bytes_ += kept.batch.memory_bytes();
  kept_.emplace_hint(kept_.end(), items.begin, std::move(kept));
}

void LineStore::release(ItemRange items) {
  bool made_room = false;
  {
    const std::lock_guard lock(mutex_);
    if (items.end > size_) released_early_.add({std::max(items.begin, size_), items.end});
    auto kept = kept_.upper_bound(items.begin);
    if (kept != kept_.begin()) --kept;
    while (kept != kept_.end() && kept->first < items.end) {
      const ItemRange batch{kept->first, kept->first + kept->second.batch.size()};
      kept->second.left -= intersection(batch, items).size();
      if (kept->second.left > 0) {
        ++kept;
        continue;
      }
      take_up(kept->second);
      kept = kept_.erase(kept);
    }
    made_room = makes_room();
  }
  if (made_room) on_room_();
}

void LineStore::take_up(Kept& kept) {
  if (std::exchange(kept.waits, false)) waiting_bytes_ -= kept.batch.memory_bytes();
}

// Not at once, so that the reader is not woken for each line.
bool LineStore::makes_room() {
  return was_full_ && waiting_bytes_ <= budget_bytes_ / 4 * 3 && std::exchange(was_full_, false);
}

bool LineStore::has_room() {
  const std::lock_guard lock(mutex_);
  was_full_ = was_full_ || waiting_bytes_ >= budget_bytes_;
  return !was_full_;
}

void LineStore::lift_budget() {
  const std::lock_guard lock(mutex_);
  budget_bytes_ = UINT64_MAX;
  was_full_ = false;
}

void LineStore::see(ItemRange items, const std::function<void(const CutLine&)>& take) {
  bool made_room = false;
  {
    const std::lock_guard lock(mutex_);
    for (std::uint64_t item = items.begin; item < items.end; ++item) {
      const auto next = kept_.upper_bound(item);
      TASKRUN_EXPECT(next != kept_.begin());
      auto& [first, kept] = *std::prev(next);
      TASKRUN_EXPECT(item - first < kept.batch.size());
      take(kept.batch.line(item - first));
      if (item - first == kept.batch.size() - 1) take_up(kept);
    }
    made_room = makes_room();
  }
  if (made_room) on_room_();
}

std::uint64_t LineStore::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace taskrun
