// SPDX-License-Identifier: MIT
// The lines of an input that are read and not yet done with. A part of lines.hpp; knows nothing of
// files and threads, but may be used by several of these.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/chunk_set.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/data/line_splitter.hpp"

namespace taskrun {

/// Neighbouring lines, kept together until all of them are released.
class LineBatch {
 public:
  void add(const CutLine& line);
  bool empty() const { return lines_.empty(); }
  std::uint64_t size() const { return lines_.size(); }
  /// Whether it should not grow further: one line that waits long keeps no more than this.
  bool is_full() const { return text_.size() >= enough_bytes || lines_.size() >= enough_lines; }
  std::uint64_t memory_bytes() const;
  CutLine line(std::uint64_t index) const;

 private:
  static constexpr std::size_t enough_bytes = 16384;
  static constexpr std::size_t enough_lines = 1024;
  struct Entry {
    std::uint64_t end;  // of its text, which begins where that of the one before ends
    std::uint64_t number;
    bool too_long;
  };
  std::vector<Entry> lines_;
  std::string text_;
};

/// Any thread. Each item is added once, in order, and released once. Lines wait until they are seen
/// or released; how many are seen and not yet released is a matter of who sees them.
class LineStore {
 public:
  /// on_room is called when there is room again that has_room() did not find; from the thread that
  /// makes it.
  LineStore(std::uint64_t budget_bytes, std::function<void()> on_room)
      : budget_bytes_(budget_bytes), on_room_(std::move(on_room)) {}

  void add(LineBatch batch);
  /// Also of items that are not added yet.
  void release(ItemRange items);
  /// Whether what waits is within the budget.
  bool has_room();
  /// From now on there is always room.
  void lift_budget();

  /// Calls take(CutLine) for each, in order; they are there.
  void see(ItemRange items, const std::function<void(const CutLine&)>& take);
  std::uint64_t size() const;

 private:
  struct Kept {
    LineBatch batch;
    std::uint64_t left = 0;  // lines that are not released
    bool waits = true;       // its last line was not seen
  };
  void take_up(Kept& kept);
  bool makes_room();

  mutable std::mutex mutex_;
  std::uint64_t budget_bytes_;
  const std::function<void()> on_room_;
  std::map<std::uint64_t, Kept> kept_;  // by first item
  ChunkSet released_early_;             // an item is a chunk
  std::uint64_t size_ = 0;
  std::uint64_t waiting_bytes_ = 0;
  bool was_full_ = false;
};

}  // namespace taskrun
