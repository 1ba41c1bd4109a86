// SPDX-License-Identifier: MIT
// Messages that this program would never send, or not in that rhythm: the last rank writes them to
// rank 0 with MPI's own calls.
#include "taskrun/mpi/arrivals.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <functional>

#include "mpi_run.hpp"

namespace taskrun::testing {
namespace {

class Wire {
 public:
  Wire() { MPI_Comm_dup(MPI_COMM_WORLD, &comm_); }
  ~Wire() { MPI_Barrier(comm_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  MPI_Comm comm() const { return comm_; }
  bool receives() const { return world_rank() == 0; }
  bool sends() const { return world_rank() + 1 == world_size(); }

  /// Started and not waited for; the bytes must live on.
  MPI_Request start(wire::Kind kind, ByteView bytes) const {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Isend(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, 0, static_cast<int>(kind),
              comm_, &request);
    return request;
  }
  void write(wire::Kind kind, ByteView bytes) const {
    MPI_Request request = start(kind, bytes);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
  }
  /// Rank 0 tells the sender to go on.
  void signal() const {
    MPI_Send(nullptr, 0, MPI_BYTE, static_cast<int>(world_size()) - 1, 9, world_);
  }
  void await_signal() const { MPI_Recv(nullptr, 0, MPI_BYTE, 0, 9, world_, MPI_STATUS_IGNORE); }

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
  MPI_Comm world_ = MPI_COMM_WORLD;
};

Bytes head_of(std::uint16_t type, const Bytes& body) {
  Bytes head;
  write_header(header_of({type, body}, {}), head);
  return head;
}

// Every byte differs from that of its neighbours, its segment's neighbours and other seeds.
Bytes pattern(std::uint64_t size, std::uint64_t seed) {
  Bytes bytes(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(((i + seed) * 0x9e3779b97f4a7c15U) >> 56);
  }
  return bytes;
}

Received next(Arrivals& arrivals) {
  const Time deadline = steady_now() + std::chrono::minutes(1);
  while (steady_now() < deadline) {
    if (auto received = arrivals.receive()) return std::move(*received);
  }
  throw std::runtime_error("no frame came for a minute");
}

void expect_refused(const std::function<void(const Wire&)>& write) {
  if (world_size() == 1) GTEST_SKIP() << "needs a second rank";
  Wire wire;
  Arrivals arrivals(wire.comm());
  if (wire.sends()) write(wire);
  if (wire.receives()) {
    const Received refused = next(arrivals);
    EXPECT_NE(refused.broken, "");
    EXPECT_NE(refused.from, static_cast<std::uint32_t>(world_rank()));
  }
}

TEST(MpiArrivalsTest, a_message_that_is_no_header_is_refused) {
  expect_refused([](const Wire& w) { w.write(wire::Kind::head, pattern(100, 1)); });
}

TEST(MpiArrivalsTest, an_empty_message_is_refused) {
  expect_refused([](const Wire& w) { w.write(wire::Kind::head, {}); });
}

TEST(MpiArrivalsTest, a_small_frame_with_a_changed_byte_is_refused) {
  expect_refused([](const Wire& w) {
    Bytes bytes = pack({4, pattern(100, 1)});
    bytes.back() ^= std::byte{1};
    w.write(wire::Kind::head, bytes);
  });
}

TEST(MpiArrivalsTest, a_large_frame_with_a_changed_byte_is_refused) {
  expect_refused([](const Wire& w) {
    Bytes body = pattern(50000, 1);
    w.write(wire::Kind::head, head_of(4, body));
    body[40000] ^= std::byte{1};
    w.write(wire::Kind::segment, body);
  });
}

TEST(MpiArrivalsTest, a_segment_without_a_header_is_refused) {
  expect_refused([](const Wire& w) { w.write(wire::Kind::segment, pattern(100, 1)); });
}

TEST(MpiArrivalsTest, a_segment_longer_than_its_frame_is_refused) {
  expect_refused([](const Wire& w) {
    w.write(wire::Kind::head, head_of(4, pattern(5000, 1)));
    w.write(wire::Kind::segment, pattern(5001, 1));
  });
}

TEST(MpiArrivalsTest, an_empty_segment_is_refused) {
  expect_refused([](const Wire& w) {
    w.write(wire::Kind::head, head_of(4, pattern(5000, 1)));
    w.write(wire::Kind::segment, {});
  });
}

// Memory for what has come, not for what is claimed.
TEST(MpiArrivalsTest, a_claim_of_64_gibibytes_takes_no_memory) {
  expect_refused([](const Wire& w) {
    Bytes head;
    write_header({4, RunId{}, Frame::max_body_size, 0}, head);
    w.write(wire::Kind::head, head);
    w.write(wire::Kind::segment, pattern(5000, 1));
    w.write(wire::Kind::segment, {});
  });
}

TEST(MpiArrivalsTest, a_header_inside_another_frame_is_refused) {
  expect_refused([](const Wire& w) {
    const Bytes head = head_of(4, pattern(5000, 1));
    w.write(wire::Kind::head, head);
    w.write(wire::Kind::head, head);
  });
}

TEST(MpiArrivalsTest, segments_that_come_one_by_one_go_to_their_places) {
  if (world_size() == 1) GTEST_SKIP() << "needs a second rank";
  Wire wire;
  Arrivals arrivals(wire.comm());
  const Bytes body = pattern(50000, 7);
  if (wire.sends()) {
    wire.write(wire::Kind::head, head_of(4, body));
    for (std::size_t at = 0; at < body.size(); at += 10000) {
      wire.write(wire::Kind::segment, ByteView(body).subspan(at, 10000));
    }
  }
  if (wire.receives()) {
    EXPECT_TRUE(next(arrivals).frame.body == body);
  }
}

// The second frame begins while the first is unfinished, and its last segment comes only when its
// header was read: what was kept apart must not be forgotten when the rest finds its place.
TEST(MpiArrivalsTest, a_frame_whose_segments_come_before_and_after_its_header_is_read_is_whole) {
  if (world_size() == 1) GTEST_SKIP() << "needs a second rank";
  Wire wire;
  Arrivals arrivals(wire.comm());
  const Bytes first = pattern(1000000, 1);
  const Bytes second = pattern(62000000, 2);
  const ByteView parts = second;
  if (wire.sends()) {
    const Bytes heads[] = {head_of(1, first), head_of(2, second)};
    MPI_Request requests[5] = {
        wire.start(wire::Kind::head, heads[0]), wire.start(wire::Kind::segment, first),
        wire.start(wire::Kind::head, heads[1]),
        wire.start(wire::Kind::segment, parts.first(60000000)), MPI_REQUEST_NULL};
    // The long part of the second frame is still on its way when its last part follows.
    MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
    wire.await_signal();
    requests[4] = wire.start(wire::Kind::segment, parts.subspan(60000000));
    MPI_Waitall(5, requests, MPI_STATUSES_IGNORE);
  }
  if (wire.receives()) {
    EXPECT_TRUE(next(arrivals).frame.body == first);
    wire.signal();
    EXPECT_TRUE(next(arrivals).frame.body == second);
  }
}

}  // namespace
}  // namespace taskrun::testing
