// SPDX-License-Identifier: MIT
#include "taskrun/protocol/frame.hpp"

#include <gtest/gtest.h>

#include <random>

namespace taskrun {
namespace {

Frame some_frame() { return {3, Bytes(40, std::byte{7}), RunId{9}}; }

TEST(FrameTest, comes_back_as_it_was_packed) {
  const Frame frame = unpack(pack(some_frame()));
  EXPECT_EQ(frame.type, 3U);
  EXPECT_EQ(frame.run, RunId{9});
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

TEST(FrameTest, who_has_another_secret_or_none_is_refused) {
  const FrameKey ours("5e4c0fd2a5");
  EXPECT_EQ(unpack(pack(some_frame(), ours), ours).body, some_frame().body);
  EXPECT_EQ(unpack(pack({1, {}}, ours), ours).type, 1U);
  for (const FrameKey& theirs : {FrameKey(), FrameKey("5e4c0fd2a4")}) {
    EXPECT_THROW(unpack(pack(some_frame(), theirs), ours), CorruptData);
    EXPECT_THROW(unpack(pack(some_frame(), ours), theirs), CorruptData);
    EXPECT_THROW(unpack(pack({1, {}}, theirs), ours), CorruptData);
  }
}

TEST(FrameTest, with_a_secret_a_frame_cannot_become_one_of_another_type) {
  const FrameKey key("5e4c0fd2a5");
  const FrameHeader one = header_of({1, Bytes(8)}, key);
  const FrameHeader two = header_of({2, Bytes(8)}, key);
  const FrameHeader other_one = header_of({1, Bytes(9)}, key);
  const FrameHeader other_two = header_of({2, Bytes(9)}, key);
  EXPECT_NE(one.body_checksum ^ two.body_checksum,
            other_one.body_checksum ^ other_two.body_checksum);
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
