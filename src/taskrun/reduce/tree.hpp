// SPDX-License-Identifier: MIT
// The reduction tree. Partials of aligned blocks of chunks are joined with their siblings, left one
// first, whatever the order they arrive in. The shape depends on the number of chunks only, so the
// result has the same bits for any number of workers and any schedule, floating point included;
// operators need be associative in meaning only, and never commutative.
// (The idea: Demmel and Nguyen, "Parallel Reproducible Summation", IEEE Trans. Comput. 64(7), 2015:
// fix the tree, not the arithmetic.)
#pragma once

#include <bit>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/range.hpp"

namespace taskrun {

/// A node of the tree over `leaf_count` leaves: the leaves [index << level, (index + 1) << level)
/// as far as there are that many.
struct Block {
  std::uint64_t index = 0;
  unsigned level = 0;

  static Block leaf(std::uint64_t chunk) { return {chunk, 0}; }
  /// The smallest block that covers just `range`; nothing when no block does.
  static std::optional<Block> covering(ChunkRange range, std::uint64_t leaf_count);

  friend bool operator==(Block, Block) = default;

  std::uint64_t begin() const { return index << level; }
  Block parent() const { return {index >> 1, level + 1}; }
  Block sibling() const { return {index ^ 1, level}; }
  bool is_left() const { return (index & 1) == 0; }
  /// Whether it starts within the tree. A left block whose sibling does not exist is its parent.
  bool exists(std::uint64_t leaf_count) const {
    return index <= (UINT64_MAX >> level) && begin() < leaf_count;
  }
  ChunkRange range(std::uint64_t leaf_count) const {
    const std::uint64_t size = std::uint64_t{1} << level;
    return {begin(), size < leaf_count - begin() ? begin() + size : leaf_count};
  }
};

inline std::optional<Block> Block::covering(ChunkRange range, std::uint64_t leaf_count) {
  if (range.empty() || range.end > leaf_count) return std::nullopt;
  const auto level = static_cast<unsigned>(std::bit_width(range.size() - 1));
  if (level > 63) return range.begin == 0 ? std::optional(Block{0, 63}) : std::nullopt;
  const Block block{range.begin >> level, level};
  if (block.begin() != range.begin || block.range(leaf_count) != range) return std::nullopt;
  return block;
}

/// Joins what it is given as soon as siblings meet. Memory: O(log leaves) for each hole.
/// Value is movable; join(Value left, Value right) -> Value.
template <class Value, class Join>
class ReductionTree {
 public:
  struct Partial {
    ChunkRange chunks;
    std::optional<Value> value;  ///< nothing where all chunks were skipped
  };

  /// At most 2^63 leaves.
  ReductionTree(std::uint64_t leaf_count, Join join)
      : leaf_count_(leaf_count), join_(std::move(join)) {
    TASKRUN_EXPECT(leaf_count <= (std::uint64_t{1} << 63));
  }

  /// Adds the value of a block that overlaps nothing added before.
  void add(Block block, std::optional<Value> value);
  void add_leaf(std::uint64_t chunk, Value value) { add(Block::leaf(chunk), std::move(value)); }
  /// Says that a chunk will have no value; its sibling's value stands for both.
  void skip(std::uint64_t chunk) { add(Block::leaf(chunk), std::nullopt); }

  /// Whether everything has been joined into one.
  bool complete() const {
    return leaf_count_ == 0 ||
           (nodes_.size() == 1 && range_of(nodes_.begin()).size() == leaf_count_);
  }
  /// Takes out all blocks in ascending order and leaves the tree empty.
  std::vector<Partial> take_all();
  /// Shows the blocks that came into being since the last call, in ascending order:
  /// see(ChunkRange, const Value&). A block takes the place of those shown before within its range.
  template <class See>
  void see_fresh(See see);
  /// How many blocks wait for their siblings.
  std::size_t waiting() const { return nodes_.size(); }

 private:
  struct Node {
    unsigned level;
    std::optional<Value> value;
    bool fresh = true;
  };
  using Nodes = std::map<std::uint64_t, Node>;  // by first leaf

  ChunkRange range_of(typename Nodes::const_iterator it) const {
    return Block{it->first >> it->second.level, it->second.level}.range(leaf_count_);
  }
  /// Where the block is waiting; end() if it is not.
  typename Nodes::iterator find(Block block);
  std::optional<Value> joined(std::optional<Value> left, std::optional<Value> right);

  std::uint64_t leaf_count_;
  Join join_;
  Nodes nodes_;
};

template <class Value, class Join>
void ReductionTree<Value, Join>::add(Block block, std::optional<Value> value) {
  TASKRUN_EXPECT(block.exists(leaf_count_));
  while (block.range(leaf_count_).size() < leaf_count_) {
    const Block sibling = block.sibling();
    if (sibling.exists(leaf_count_)) {
      const auto it = find(sibling);
      if (it == nodes_.end()) break;
      value = block.is_left() ? joined(std::move(value), std::move(it->second.value))
                              : joined(std::move(it->second.value), std::move(value));
      nodes_.erase(it);
    }
    block = block.parent();
  }
  // Blocks mostly come in ascending order: the hint makes that cheap.
  nodes_.emplace_hint(nodes_.end(), block.begin(), Node{block.level, std::move(value)});
}

template <class Value, class Join>
auto ReductionTree<Value, Join>::find(Block block) -> typename Nodes::iterator {
  if (nodes_.empty()) return nodes_.end();
  const auto last = std::prev(nodes_.end());
  const auto it = last->first == block.begin() ? last : nodes_.find(block.begin());
  return it != nodes_.end() && it->second.level == block.level ? it : nodes_.end();
}

template <class Value, class Join>
std::optional<Value> ReductionTree<Value, Join>::joined(std::optional<Value> left,
                                                        std::optional<Value> right) {
  if (!left) return right;
  if (!right) return left;
  return join_(std::move(*left), std::move(*right));
}

template <class Value, class Join>
auto ReductionTree<Value, Join>::take_all() -> std::vector<Partial> {
  std::vector<Partial> all;
  all.reserve(nodes_.size());
  for (auto it = nodes_.begin(); it != nodes_.end(); ++it) {
    all.push_back({range_of(it), std::move(it->second.value)});
  }
  nodes_.clear();
  return all;
}

template <class Value, class Join>
template <class See>
void ReductionTree<Value, Join>::see_fresh(See see) {
  for (auto it = nodes_.begin(); it != nodes_.end(); ++it) {
    Node& node = it->second;
    if (std::exchange(node.fresh, false) && node.value) see(range_of(it), *node.value);
  }
}

}  // namespace taskrun
