// SPDX-License-Identifier: MIT
#include "taskrun/mpi/mpi_transport.hpp"

#include <mpi.h>

#include <thread>
#include <utility>

#include "taskrun/core/contract.hpp"
#include "taskrun/mpi/arrivals.hpp"
#include "taskrun/mpi/checked.hpp"
#include "taskrun/mpi/doorbells.hpp"
#include "taskrun/mpi/send_queue.hpp"

namespace taskrun {
namespace {

// Without doorbells nobody wakes a sleeper: this is how late a frame may be noticed.
constexpr Duration idle_sleep = std::chrono::milliseconds(1);
// With doorbells: should one be lost, no more than that is.
constexpr Duration rung_sleep = std::chrono::milliseconds(50);
// Over shared memory some 100 KiB move with each call: often enough for 1 GB/s and more.
constexpr Duration transfer_sleep = std::chrono::microseconds(20);
// A segment over a slow network takes less than that; what takes longer goes to somebody who is
// gone or does not listen, and is not worth waking up for.
constexpr Duration stalled_after = std::chrono::seconds(1);
// For the last frames of a run to leave. Those who live take them within milliseconds.
constexpr Duration linger_time = std::chrono::seconds(2);

// Its own communicator, so that no message of anybody else can be taken for one of ours. It is
// never freed: its number could then be given to a new one while frames of this one still fly.
MPI_Comm own_communicator() {
  MPI_Comm comm = MPI_COMM_NULL;
  check(MPI_Comm_dup(MPI_COMM_WORLD, &comm), "MPI_Comm_dup");
  check(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  return comm;
}

}  // namespace

MpiTransport::MpiTransport(MpiEnvironment& environment, Wakeup& wakeup, const FrameKey& key,
                           std::uint64_t segment_bytes)
    : environment_(environment) {
  const MPI_Comm comm = own_communicator();
  int rank = 0;
  int size = 0;
  check(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank");
  check(MPI_Comm_size(comm, &size), "MPI_Comm_size");
  rank_ = static_cast<std::uint32_t>(rank);
  size_ = static_cast<std::uint32_t>(size);
  sends_ = std::make_unique<SendQueue>(comm, key, segment_bytes);
  arrivals_ = std::make_unique<Arrivals>(comm, key);
  doorbells_ = std::make_unique<Doorbells>(comm, wakeup);
}

MpiTransport::~MpiTransport() {
  try {
    linger();
  } catch (const std::exception&) {
    // Whoever destroys this has had the last word; what could not be sent is kept below.
  }
  // Nothing is freed before MPI ends: a peer that died in mid-transfer leaves requests that neither
  // end nor can be cancelled, and MPI may touch their bytes as long as it runs.
  environment_.keep(std::move(sends_));
  environment_.keep(std::move(arrivals_));
}

void MpiTransport::send(std::uint32_t to, Frame frame) {
  TASKRUN_EXPECT(to < size_);
  if (to == rank_) {
    arrivals_->add({rank_, std::move(frame)});
    return;
  }
  const std::size_t pending_before = sends_->pending_count();
  sends_->send(to, std::move(frame));
  doorbells_->ring(to);
  // A frame that left at once, as beats do, says nothing of one that is stuck.
  const bool waits = sends_->pending_count() > pending_before;
  if (collect_sends() || waits) last_moved_ = steady_now();
}

std::optional<Received> MpiTransport::receive() {
  auto received = arrivals_->receive();
  if (sends_->pending_count() > 0 || arrivals_->pending_count() > 0) note_movement();
  return received;
}

// What could not leave at once has to be rung for when it does.
bool MpiTransport::collect_sends() {
  return sends_->collect([this](std::uint32_t to) { doorbells_->ring(to); }) > 0;
}

void MpiTransport::note_movement() {
  const bool sent = collect_sends();
  const bool arrived = std::exchange(changes_seen_, arrivals_->change_count()) != changes_seen_;
  if (sent || arrived) last_moved_ = steady_now();
}

Duration MpiTransport::longest_sleep() const {
  if ((sends_->pending_count() > 0 || arrivals_->pending_count() > 0) &&
      steady_now() - last_moved_ < stalled_after) {
    return transfer_sleep;
  }
  return doorbells_->all_ring() ? rung_sleep : idle_sleep;
}

// Goes on receiving, and throws it away: two who wait for each other to take a last large frame
// would both wait in vain.
void MpiTransport::linger() {
  const Time until = steady_now() + linger_time;
  while (sends_->pending_count() > 0 && steady_now() < until) {
    const auto unwanted = receive();
    if (!unwanted) std::this_thread::sleep_for(transfer_sleep);
  }
}

}  // namespace taskrun
