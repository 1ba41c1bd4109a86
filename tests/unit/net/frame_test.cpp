// SPDX-License-Identifier: MIT
#include "taskrun/net/frame.hpp"

#include <gtest/gtest.h>

#include <random>

namespace taskrun {
namespace {

Frame some_frame() { return {3, Bytes(40, std::byte{7})}; }

TEST(FrameTest, comes_back_as_it_was_packed) {
  const Frame frame = unpack(pack(some_frame()));
  EXPECT_EQ(frame.type, 3U);
  EXPECT_EQ(frame.body, some_frame().body);
}

TEST(FrameTest, an_empty_body_is_fine) { EXPECT_TRUE(unpack(pack({1, {}})).body.empty()); }

TEST(FrameTest, every_flipped_bit_is_noticed) {
  const Bytes good = pack(some_frame());
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_THROW(unpack(bad), CorruptData) << bit;
  }
}

TEST(FrameTest, every_cut_is_noticed) {
  const Bytes good = pack(some_frame());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THROW(unpack(ByteView(good).first(size)), CorruptData) << size;
  }
}

TEST(FrameTest, random_bytes_are_refused) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 10000; ++i) {
    Bytes bytes(random() % 100);
    for (auto& b : bytes) b = static_cast<std::byte>(random());
    EXPECT_THROW(unpack(bytes), CorruptData);
  }
}

}  // namespace
}  // namespace taskrun
