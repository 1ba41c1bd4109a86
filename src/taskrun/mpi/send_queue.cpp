// SPDX-License-Identifier: MIT
#include "taskrun/mpi/send_queue.hpp"

#include <algorithm>
#include <utility>

#include "taskrun/core/contract.hpp"
#include "taskrun/mpi/checked.hpp"
#include "taskrun/mpi/wire.hpp"

namespace taskrun {
namespace {

// More than one, so that the queue shrinks while every call adds one.
constexpr std::size_t most_send_tests = 3;

MPI_Request start(MPI_Comm comm, std::uint32_t to, wire::Kind kind, ByteView bytes) {
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Isend(bytes.data(), checked_int(bytes.size()), MPI_BYTE, checked_int(to),
                  static_cast<int>(kind), comm, &request),
        "MPI_Isend");
  return request;
}

bool has_left(MPI_Request& request) {
  int done = 0;
  check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
  return done != 0;
}

}  // namespace

SendQueue::SendQueue(MPI_Comm comm, const FrameKey& key, std::uint64_t segment_bytes)
    : comm_(comm), key_(key), segment_bytes_(segment_bytes) {
  TASKRUN_EXPECT(segment_bytes > 0);
  head_.reserve(wire::most_head_bytes);
}

void SendQueue::send(std::uint32_t to, Frame frame) {
  head_.clear();
  write_header(header_of(frame, key_), head_);
  const bool small = frame.body.size() <= wire::most_head_bytes - Frame::header_size;
  if (small) head_.insert(head_.end(), frame.body.begin(), frame.body.end());
  send_head(to);
  if (!small) send_body(to, std::move(frame.body));
}

void SendQueue::send_head(std::uint32_t to) {
  MPI_Request request = start(comm_, to, wire::Kind::head, head_);
  if (has_left(request)) return;
  pending_.push_back({to, request, std::make_shared<const Bytes>(std::move(head_))});
  head_ = Bytes();
  head_.reserve(wire::most_head_bytes);
}

void SendQueue::send_body(std::uint32_t to, Bytes body) {
  const auto bytes = std::make_shared<const Bytes>(std::move(body));
  for (ByteView rest = *bytes; !rest.empty();) {
    const ByteView segment = rest.first(std::min<std::uint64_t>(rest.size(), segment_bytes_));
    pending_.push_back({to, start(comm_, to, wire::Kind::segment, segment), bytes});
    rest = rest.subspan(segment.size());
  }
}

std::size_t SendQueue::collect(const std::function<void(std::uint32_t)>& left) {
  const std::size_t before = pending_.size();
  for (std::size_t tests = std::min(before, most_send_tests); tests > 0; --tests) {
    const bool gone = has_left(pending_.front().request);
    if (gone) left(pending_.front().to);
    // To the back, so that one that is stuck does not hide the others.
    if (!gone) pending_.push_back(std::move(pending_.front()));
    pending_.pop_front();
  }
  return before - pending_.size();
}

}  // namespace taskrun
