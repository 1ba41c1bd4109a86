// SPDX-License-Identifier: MIT
// The reduction tree for leaves that come in ascending order, as a slot computes them: a stack of
// blocks, with nothing to search and nothing to allocate for most leaves. What it joins is what
// ReductionTree (tree.hpp) would join.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "taskrun/core/contract.hpp"
#include "taskrun/reduce/tree.hpp"

namespace taskrun {

/// Value is movable; join(Value left, Value right) -> Value.
template <class Value, class Join>
class ReductionStack {
 public:
  struct Partial {
    ChunkRange chunks;
    Value value;
  };

  ReductionStack(std::uint64_t leaf_count, Join join)
      : leaf_count_(leaf_count), join_(std::move(join)) {}

  /// Chunks ascend from call to call; one that is left out leaves a gap.
  void push(std::uint64_t chunk, Value value) {
    TASKRUN_EXPECT(chunk < leaf_count_);
    Block block = Block::leaf(chunk);
    while (block.range(leaf_count_).size() < leaf_count_) {
      const Block sibling = block.sibling();
      if (block.is_left()) {
        if (sibling.exists(leaf_count_)) break;
      } else {
        if (blocks_.empty() || blocks_.back().block != sibling) break;
        value = join_(std::move(blocks_.back().value), std::move(value));
        blocks_.pop_back();
      }
      block = block.parent();
    }
    blocks_.push_back({block, std::move(value)});
  }

  /// Takes out all blocks in ascending order.
  std::vector<Partial> take_all() {
    std::vector<Partial> all;
    all.reserve(blocks_.size());
    for (Entry& entry : blocks_) {
      all.push_back({entry.block.range(leaf_count_), std::move(entry.value)});
    }
    blocks_.clear();
    return all;
  }

 private:
  struct Entry {
    Block block;
    Value value;
  };

  std::uint64_t leaf_count_;
  Join join_;
  std::vector<Entry> blocks_;
};

}  // namespace taskrun
