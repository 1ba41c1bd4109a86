// SPDX-License-Identifier: MIT
#include "taskrun/core/chunk_it.hpp"

#include <gtest/gtest.h>

#include <random>

namespace taskrun {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t most = UINT64_MAX;

std::uint64_t defined_border(std::uint64_t i, std::uint64_t size, std::uint64_t count) {
  return static_cast<std::uint64_t>(Wide{i} * size / count);
}

TEST(ChunkItTest, chunks_are_as_defined_cover_everything_and_differ_by_one_at_most) {
  for (std::uint64_t size = 0; size <= 40; ++size) {
    for (std::uint64_t count = 1; count <= 45; ++count) {
      const Grid grid = chunk_it(size, count);
      std::uint64_t next = 0;
      for (std::uint64_t i = 0; i < count; ++i) {
        const ItemRange items = grid.items(i);
        ASSERT_EQ(items.begin, next);
        ASSERT_EQ(items.end, defined_border(i + 1, size, count));
        ASSERT_TRUE(items.size() == size / count || items.size() == (size + count - 1) / count);
        next = items.end;
      }
      ASSERT_EQ(next, size);
    }
  }
}

TEST(ChunkItTest, borders_of_huge_datasets_are_exact) {
  std::mt19937_64 random(20);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t size = random() >> (random() % 64);
    const std::uint64_t count = 1 + (random() >> (1 + random() % 63));
    const std::uint64_t chunk = random() % count;
    ASSERT_EQ(chunk_it(size, count).items(chunk).begin, defined_border(chunk, size, count))
        << size << ' ' << count << ' ' << chunk;
  }
}

TEST(ChunkItTest, the_largest_dataset_in_the_most_chunks_has_one_item_in_each) {
  const Grid grid = chunk_it(most, most);
  EXPECT_EQ(grid.items(0), (ItemRange{0, 1}));
  EXPECT_EQ(grid.items(most - 1), (ItemRange{most - 1, most}));
}

TEST(ChunkItTest, more_chunks_than_items_leave_some_empty) {
  const Grid grid = chunk_it(3, 7);
  EXPECT_EQ(grid.items(grid.chunks()).size(), 3U);
  EXPECT_TRUE(grid.items(0).empty());
}

TEST(ChunkItTest, no_items_make_empty_chunks_or_none) {
  EXPECT_TRUE(chunk_it(0, 5).items(3).empty());
  EXPECT_EQ(chunk_it(0, 0).chunk_count(), 0U);
}

TEST(ChunkItDeathTest, items_without_a_chunk_break_the_contract) {
  EXPECT_DEATH(chunk_it(1, 0), "expected");
}

}  // namespace
}  // namespace taskrun
