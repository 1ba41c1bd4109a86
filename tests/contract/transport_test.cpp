// SPDX-License-Identifier: MIT
// What every transport promises (net/transport.hpp). One set of bodies, run on each transport.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "every_rank.hpp"

namespace taskrun::testing {
namespace {

// Bytes that differ from place to place and from seed to seed.
Bytes pattern(std::uint64_t size, std::uint64_t seed) {
  Bytes bytes(size);
  std::uint64_t x = seed * 0x9e3779b97f4a7c15U + 1;
  for (auto& b : bytes) {
    x = x * 6364136223846793005U + 1442695040888963407U;
    b = static_cast<std::byte>(x >> 56);
  }
  return bytes;
}

Frame frame_of(std::uint16_t type, Bytes body) { return {type, std::move(body)}; }

std::uint32_t last(const Transport& t) { return t.size() - 1; }

// Rank 0 sends one frame to the last rank (itself where it is alone), which looks at it.
void expect_whole(Transport& t, std::uint64_t size) {
  if (t.rank() != 0 && t.rank() != last(t)) return;
  const Bytes sent = pattern(size, size);
  if (t.rank() == 0) t.send(last(t), frame_of(7, sent));
  if (t.rank() != last(t)) return;
  const Received received = next(t);
  EXPECT_EQ(received.from, 0U);
  EXPECT_EQ(received.frame.type, 7);
  EXPECT_TRUE(received.frame.body == sent) << "a body of " << size << " bytes";
}

TEST(TransportContract, nothing_is_received_when_nothing_was_sent) {
  on_every_rank([](Transport& t) {
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(t.receive());
  });
}

TEST(TransportContract, every_rank_knows_its_place) {
  on_every_rank([](Transport& t) {
    for (std::uint32_t to = 0; to < t.size(); ++to) t.send(to, frame_of(1, {}));
    std::vector<int> heard(t.size());
    for (std::uint32_t i = 0; i < t.size(); ++i) ++heard.at(next(t).from);
    EXPECT_EQ(heard, std::vector<int>(t.size(), 1));
  });
}

TEST(TransportContract, an_empty_body_arrives) {
  on_every_rank([](Transport& t) { expect_whole(t, 0); });
}

TEST(TransportContract, bodies_around_the_eager_limits_arrive_whole) {
  on_every_rank([](Transport& t) {
    for (const std::uint64_t limit :
         {std::uint64_t{4032 - 24}, std::uint64_t{4096 - 24}, std::uint64_t{4096},
          std::uint64_t{65536 - 24}, std::uint64_t{65536}}) {
      for (std::uint64_t size = limit - 1; size <= limit + 1; ++size) expect_whole(t, size);
    }
    expect_whole(t, 1);
  });
}

TEST(TransportContract, bodies_around_a_segment_arrive_whole) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP()
      << "minutes of instrumented copying; segments are MPI's, and MPI is not in this build";
#endif
  on_every_rank([](Transport& t) {
    constexpr std::uint64_t segment = std::uint64_t{64} << 20;
    for (std::uint64_t size = segment - 1; size <= segment + 1; ++size) expect_whole(t, size);
  });
}

TEST(TransportContract, frames_of_a_sender_keep_their_order_whatever_their_size) {
  on_every_rank([](Transport& t) {
    constexpr std::uint16_t count = 300;
    const auto size_of = [](std::uint32_t from, std::uint32_t i) {
      constexpr std::uint64_t sizes[] = {0, 8, 5000, 4008, 100, 70000, 4009, 1};
      return sizes[(from + i) % std::size(sizes)];
    };
    for (std::uint16_t i = 0; i < count; ++i) {
      for (std::uint32_t to = 0; to < t.size(); ++to) {
        t.send(to, frame_of(i, pattern(size_of(t.rank(), i), i)));
      }
    }
    std::vector<std::uint16_t> expected(t.size());
    for (std::uint32_t i = 0; i < count * t.size(); ++i) {
      const Received received = next(t);
      const std::uint16_t number = expected.at(received.from)++;
      ASSERT_EQ(received.frame.type, number);
      ASSERT_TRUE(received.frame.body == pattern(size_of(received.from, number), number));
    }
  });
}

TEST(TransportContract, many_senders_reach_one_receiver_at_once) {
  on_every_rank([](Transport& t) {
    constexpr std::uint32_t count = 2000;
    for (std::uint32_t i = 0; i < count; ++i) t.send(0, frame_of(1, pattern(32, i)));
    if (t.rank() != 0) return;
    std::map<std::uint32_t, std::uint32_t> heard;
    for (std::uint32_t i = 0; i < count * t.size(); ++i) {
      const Received received = next(t);
      ASSERT_TRUE(received.frame.body == pattern(32, heard[received.from]++));
    }
    EXPECT_EQ(heard.size(), t.size());
  });
}

// Nobody receives before all has been sent: a transport whose send waits would stand still.
TEST(TransportContract, all_may_flood_all_with_large_frames_before_anybody_receives) {
  on_every_rank([](Transport& t) {
    constexpr std::uint32_t count = 8;
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t to = 0; to < t.size(); ++to) t.send(to, frame_of(2, pattern(300000, i)));
    }
    std::map<std::uint32_t, std::uint32_t> heard;
    for (std::uint32_t i = 0; i < count * t.size(); ++i) {
      const Received received = next(t);
      ASSERT_TRUE(received.frame.body == pattern(300000, heard[received.from]++));
    }
  });
}

TEST(TransportContract, a_header_that_tells_of_an_absurd_length_is_refused) {
  Bytes small(10);
  const Frame frame{1, small};
  FrameHeader header = header_of(frame, {});
  header.body_size = Frame::max_body_size + 1;
  Bytes bytes;
  write_header(header, bytes);
  EXPECT_THROW(read_header(bytes), CorruptData);
}

TEST(TransportContract, any_changed_byte_of_a_frame_is_noticed) {
  const Bytes good = pack(frame_of(3, pattern(100, 1)));
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= std::byte{0x10};
    EXPECT_THROW(unpack(bad), CorruptData) << "byte " << i;
  }
}

TEST(TransportContract, a_frame_cut_short_is_noticed) {
  const Bytes good = pack(frame_of(3, pattern(100, 1)));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THROW(unpack(ByteView(good).first(size)), CorruptData) << size << " bytes";
  }
}

}  // namespace
}  // namespace taskrun::testing
