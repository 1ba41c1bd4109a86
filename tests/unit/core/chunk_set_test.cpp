// SPDX-License-Identifier: MIT
#include "taskrun/core/chunk_set.hpp"

#include <gtest/gtest.h>

#include <bitset>
#include <random>

namespace taskrun {
namespace {

using Bits = std::bitset<64>;

TEST(ChunkSetTest, agrees_with_a_bit_set_whatever_is_added_and_removed) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    ChunkSet set;
    Bits bits;
    for (int step = 0; step < 40; ++step) {
      std::uint64_t begin = random() % 64;
      std::uint64_t end = random() % 65;
      if (begin > end) std::swap(begin, end);
      const bool adds = random() % 2 == 0;
      adds ? set.add({begin, end}) : set.remove({begin, end});
      for (std::uint64_t i = begin; i < end; ++i) bits[i] = adds;
      ASSERT_EQ(set.size(), bits.count());
      for (std::uint64_t i = 0; i < 64; ++i) ASSERT_EQ(set.contains(i), bits[i]) << i;
      const ChunkRange asked{begin / 2, 32 + end / 2};
      std::size_t present = 0;
      for (std::uint64_t i = asked.begin; i < asked.end; ++i) present += bits[i];
      ASSERT_EQ(set.contains_any(asked), present > 0);
      ASSERT_EQ(set.contains_all(asked), present == asked.size());
      std::size_t listed = 0;
      for (const ChunkRange part : set.present_in(asked)) listed += part.size();
      ASSERT_EQ(listed, present);
      for (const ChunkRange part : set.absent_in(asked)) listed += part.size();
      ASSERT_EQ(listed, asked.size());
    }
  }
}

TEST(ChunkSetTest, neighbours_become_one_range) {
  ChunkSet set({0, 10});
  set.add({20, 30});
  EXPECT_EQ(set.range_count(), 2U);
  set.add({10, 20});
  EXPECT_EQ(set.range_count(), 1U);
  EXPECT_EQ(set.first(), (ChunkRange{0, 30}));
}

TEST(ChunkSetTest, a_billion_chunks_in_order_take_one_range) {
  ChunkSet set;
  for (std::uint64_t i = 0; i < 1'000'000'000; i += 1'000'000) set.add({i, i + 1'000'000});
  EXPECT_EQ(set.range_count(), 1U);
  EXPECT_EQ(set.size(), 1'000'000'000U);
}

}  // namespace
}  // namespace taskrun
