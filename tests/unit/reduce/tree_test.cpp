// SPDX-License-Identifier: MIT
#include "taskrun/reduce/tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

#include "taskrun/reduce/stack.hpp"

namespace taskrun {
namespace {

// Shows how it was made: (0+1)+2.
struct Bracket {
  std::string operator()(std::string left, std::string right) const {
    return "(" + left + "+" + right + ")";
  }
};
using Tree = ReductionTree<std::string, Bracket>;
using Stack = ReductionStack<std::string, Bracket>;

std::string shape_from(std::uint64_t leaves, std::vector<std::uint64_t> order) {
  Tree tree(leaves, Bracket());
  for (const std::uint64_t leaf : order) tree.add_leaf(leaf, std::to_string(leaf));
  EXPECT_TRUE(tree.complete());
  return *tree.take_all().front().value;
}

std::vector<std::uint64_t> ascending(std::uint64_t leaves) {
  std::vector<std::uint64_t> order(leaves);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

TEST(ReductionTreeTest, five_leaves_make_the_documented_shape) {
  EXPECT_EQ(shape_from(5, ascending(5)), "(((0+1)+(2+3))+4)");
}

TEST(ReductionTreeTest, the_shape_does_not_depend_on_the_order_of_arrival) {
  std::mt19937_64 random(3);
  for (std::uint64_t leaves = 1; leaves <= 40; ++leaves) {
    const std::string expected = shape_from(leaves, ascending(leaves));
    for (int round = 0; round < 5; ++round) {
      auto order = ascending(leaves);
      std::shuffle(order.begin(), order.end(), random);
      ASSERT_EQ(shape_from(leaves, order), expected);
    }
  }
}

TEST(ReductionTreeTest, blocks_reduced_elsewhere_make_the_same_shape) {
  std::mt19937_64 random(4);
  for (std::uint64_t leaves = 1; leaves <= 40; ++leaves) {
    Tree tree(leaves, Bracket());
    // Runs of random length, each reduced by a stack of its own, arrive in any order.
    std::vector<Stack::Partial> parts;
    for (std::uint64_t begin = 0; begin < leaves;) {
      const std::uint64_t end = std::min(leaves, begin + 1 + random() % 9);
      Stack stack(leaves, Bracket());
      for (; begin < end; ++begin) stack.push(begin, std::to_string(begin));
      for (auto& part : stack.take_all()) parts.push_back(std::move(part));
    }
    std::shuffle(parts.begin(), parts.end(), random);
    for (auto& part : parts) {
      const auto block = Block::covering(part.chunks, leaves);
      ASSERT_TRUE(block);
      tree.add(*block, part.value);
    }
    ASSERT_TRUE(tree.complete());
    ASSERT_EQ(tree.take_all().front().value, shape_from(leaves, ascending(leaves)));
  }
}

TEST(ReductionTreeTest, a_skipped_leaf_is_left_out) {
  Tree tree(4, Bracket());
  tree.add_leaf(3, "3");
  tree.skip(2);
  tree.skip(0);
  tree.add_leaf(1, "1");
  EXPECT_EQ(tree.take_all().front().value, "(1+3)");
}

TEST(ReductionTreeTest, all_leaves_skipped_leave_no_value) {
  Tree tree(3, Bracket());
  for (std::uint64_t i = 0; i < 3; ++i) tree.skip(i);
  EXPECT_TRUE(tree.complete());
  EXPECT_FALSE(tree.take_all().front().value);
}

TEST(ReductionTreeTest, memory_is_a_few_blocks_for_leaves_in_order) {
  ReductionTree<int, std::plus<>> tree(1 << 20, {});
  std::size_t most = 0;
  for (std::uint64_t i = 0; i < 1 << 20; ++i) {
    tree.add_leaf(i, 1);
    most = std::max(most, tree.waiting());
  }
  EXPECT_LE(most, 20U);
  EXPECT_EQ(tree.take_all().front().value, 1 << 20);
}

TEST(ReductionTreeTest, no_leaves_are_complete) { EXPECT_TRUE(Tree(0, Bracket()).complete()); }

TEST(BlockTest, only_aligned_ranges_are_blocks) {
  EXPECT_TRUE(Block::covering({4, 8}, 100));
  EXPECT_TRUE(Block::covering({96, 100}, 100));
  EXPECT_TRUE(Block::covering({98, 99}, 99));
  EXPECT_FALSE(Block::covering({2, 6}, 100));
  EXPECT_FALSE(Block::covering({0, 3}, 100));
  EXPECT_FALSE(Block::covering({99, 101}, 100));
  EXPECT_FALSE(Block::covering({5, 5}, 100));
}

TEST(BlockTest, the_largest_tree_has_a_root) {
  const std::uint64_t most = std::uint64_t{1} << 63;
  EXPECT_EQ(Block::covering({0, most}, most), (Block{0, 63}));
}

}  // namespace
}  // namespace taskrun
