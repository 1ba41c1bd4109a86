// SPDX-License-Identifier: MIT
// What only the MPI transport does: segments, and transfers that overtake each other.
#include <gtest/gtest.h>
#include <mpi.h>

#include <fstream>

#include "every_rank.hpp"
#include "mpi_run.hpp"

namespace taskrun::testing {
namespace {

Bytes filled(std::uint64_t size, std::uint32_t seed) {
  Bytes bytes(size);
  for (std::uint64_t i = 0; i < size; i += 997) bytes[i] = static_cast<std::byte>(i / 997 + seed);
  return bytes;
}

// Segments of 10 kB: frames of many segments follow each other closely and mix with small ones.
TEST(MpiTransportTest, frames_of_many_segments_are_put_together_in_order) {
  Wakeup wakeup;
  MpiTransport t(mpi_environment(), wakeup, FrameKey("a secret"), 10000);
  constexpr std::uint64_t sizes[] = {10000, 250001, 3, 10001, 0, 99999, 4009, 20000};
  constexpr std::uint32_t count = 40;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t to = 0; to < t.size(); ++to) {
      t.send(to, {static_cast<std::uint16_t>(i), filled(sizes[i % std::size(sizes)], i)});
    }
  }
  std::vector<std::uint32_t> heard(t.size());
  for (std::uint32_t n = 0; n < count * t.size(); ++n) {
    const Received received = next(t);
    const std::uint32_t i = heard.at(received.from)++;
    ASSERT_EQ(received.frame.type, i);
    ASSERT_TRUE(received.frame.body == filled(sizes[i % std::size(sizes)], i)) << "frame " << i;
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

// The large frame needs its sender's help to arrive, and the sender waits for the small one first.
TEST(MpiTransportTest, a_large_frame_on_its_way_holds_up_no_other_sender) {
  if (world_size() < 3) GTEST_SKIP() << "needs a third rank";
  Wakeup wakeup;
  MpiTransport t(mpi_environment(), wakeup);
  constexpr int go = 1;
  if (t.rank() == 1) {
    t.send(0, {1, filled(std::uint64_t{40} << 20, 1)});
    MPI_Recv(nullptr, 0, MPI_BYTE, 0, go, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  } else if (t.rank() == 2) {
    t.send(0, {2, filled(100, 2)});
  } else if (t.rank() == 0) {
    bool small = false;
    bool large = false;
    while (!small) {
      const Received received = next(t);
      (received.from == 2 ? small : large) = true;
    }
    MPI_Send(nullptr, 0, MPI_BYTE, 1, go, MPI_COMM_WORLD);
    if (!large) {
      const Received received = next(t);
      EXPECT_EQ(received.from, 1U);
      EXPECT_TRUE(received.frame.body == filled(std::uint64_t{40} << 20, 1));
    }
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

// Whoever leaves without receiving delays the sender's end by two seconds, and does not hang it.
TEST(MpiTransportTest, a_frame_that_nobody_takes_does_not_keep_its_sender) {
  if (world_size() == 1) GTEST_SKIP() << "needs a second rank";
  const Time begun = steady_now();
  {
    Wakeup wakeup;
    MpiTransport t(mpi_environment(), wakeup);
    if (t.rank() == 0) t.send(1, {1, filled(1000000, 1)});
  }
  EXPECT_LT(steady_now() - begun, std::chrono::seconds(30));
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST(MpiTransportTest, a_frame_that_is_stuck_keeps_nobody_awake_though_small_ones_leave) {
  if (world_size() == 1) GTEST_SKIP() << "needs a second rank";
  Wakeup wakeup;
  MpiTransport t(mpi_environment(), wakeup);
  if (t.rank() == 0) {
    t.send(1, {1, filled(1000000, 1)});
    EXPECT_LT(t.longest_sleep(), std::chrono::milliseconds(1));
    const Time until = steady_now() + std::chrono::minutes(1);
    while (t.longest_sleep() < std::chrono::milliseconds(1) && steady_now() < until) {
      t.send(1, {2, Bytes(10)});
      t.receive();
      wakeup.wait_for(std::chrono::milliseconds(50));
    }
    EXPECT_LT(steady_now(), until);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST(MpiTransportTest, a_frame_wakes_a_rank_of_the_same_machine) {
  Wakeup wakeup;
  MpiTransport t(mpi_environment(), wakeup);
  EXPECT_GT(t.longest_sleep(), std::chrono::milliseconds(1));
  const std::uint32_t last = t.size() - 1;
  if (t.rank() == 0 && last > 0) t.send(last, {7, Bytes(100)});
  if (t.rank() == last && last > 0) {
    const Time begun = steady_now();
    std::optional<Received> received;
    while (!(received = t.receive())) wakeup.wait_for(std::chrono::minutes(10));
    EXPECT_LT(steady_now() - begun, std::chrono::minutes(10));
    EXPECT_EQ(received->frame.body.size(), 100U);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

std::uint64_t available_gibibytes() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  for (std::uint64_t kibibytes = 0; file >> key; file.ignore(100, '\n')) {
    if (key == "MemAvailable:" && file >> kibibytes) return kibibytes >> 20;
  }
  return 0;
}

// Run on its own, with the label heavy.
TEST(HeavyMpiTransportTest, a_frame_above_2_gib_arrives_whole) {
  // The body at both ends, and room for everybody else.
  constexpr std::uint64_t needed_gibibytes = 8;
  int enough = available_gibibytes() >= needed_gibibytes ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &enough, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (enough == 0) GTEST_SKIP() << "needs " << needed_gibibytes << " GiB of free memory";
  constexpr std::uint64_t size = (std::uint64_t{1} << 31) + 12345;
  Wakeup wakeup;
  MpiTransport t(mpi_environment(), wakeup);
  if (t.rank() == 0) t.send(1, {9, filled(size, 3)});
  if (t.rank() == 1) {
    const Received received = next(t);
    ASSERT_EQ(received.frame.body.size(), size);
    bool same = true;
    for (std::uint64_t i = 0; i < size; i += 997) {
      same = same && received.frame.body[i] == static_cast<std::byte>(i / 997 + 3);
    }
    EXPECT_TRUE(same);
  }
  // Who destroys its transport gives its sends two seconds: rank 0 waits for the answer first.
  if (t.rank() == 1) t.send(0, {10, {}});
  if (t.rank() == 0) {
    EXPECT_EQ(next(t).frame.type, 10);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

}  // namespace
}  // namespace taskrun::testing
