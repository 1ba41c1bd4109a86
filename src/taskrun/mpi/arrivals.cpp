// SPDX-License-Identifier: MIT
#include "taskrun/mpi/arrivals.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "taskrun/core/error.hpp"
#include "taskrun/mpi/checked.hpp"

namespace taskrun {
namespace {

// Each test also lets MPI move bytes, so a few of them keep large messages flowing.
constexpr std::size_t most_arrival_tests = 4;

Error out_of_memory(std::size_t size, std::uint32_t from) {
  return environment_error("not enough memory to receive " + std::to_string(size) +
                           " bytes from rank " + std::to_string(from) + "; use smaller chunks");
}

Bytes make_bytes(std::size_t size, std::uint32_t from) {
  try {
    return Bytes(size);
  } catch (const std::bad_alloc&) {
    throw out_of_memory(size, from);
  }
}

void append_to(Bytes& body, const Bytes& part, std::uint32_t from) {
  try {
    append(body, part);
  } catch (const std::bad_alloc&) {
    throw out_of_memory(body.size() + part.size(), from);
  }
}

MPI_Request start(std::byte* target, std::size_t size, MPI_Message& message) {
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Imrecv(target, checked_int(size), MPI_BYTE, &message, &request), "MPI_Imrecv");
  return request;
}

bool has_arrived(MPI_Request& request) {
  int done = 0;
  check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
  return done != 0;
}

}  // namespace

Arrivals::Arrivals(MPI_Comm comm, const FrameKey& key)
    : comm_(comm), key_(key), head_(wire::most_head_bytes) {}

std::optional<Received> Arrivals::receive() {
  if (!pending_.empty()) test_some();
  while (ready_.empty() && match_next()) {
  }
  if (ready_.empty()) return std::nullopt;
  Received first = std::move(ready_.front());
  ready_.pop_front();
  return first;
}

bool Arrivals::match_next() {
  int found = 0;
  MPI_Message message = MPI_MESSAGE_NULL;
  MPI_Status status;
  // Open MPI looks at what it knows, and only then at what has come since: a second look finds
  // that. Somebody who was woken for it goes back to sleep otherwise.
  for (int look = 0; look < 2 && found == 0; ++look) {
    check(MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm_, &found, &message, &status),
          "MPI_Improbe");
  }
  if (found == 0) return false;
  ++change_count_;
  int count = 0;
  check(MPI_Get_count(&status, MPI_BYTE, &count), "MPI_Get_count");
  const auto from = static_cast<std::uint32_t>(status.MPI_SOURCE);
  const auto size = static_cast<std::size_t>(count);
  const auto kind = static_cast<wire::Kind>(status.MPI_TAG);
  if (kind == wire::Kind::head && size <= head_.size() && !senders_.contains(from)) {
    receive_head(from, message, size);
  } else {
    receive_later(from, kind, message, size);
  }
  return true;
}

// The usual way: nothing of this sender is unfinished, and the message is here as a whole.
void Arrivals::receive_head(std::uint32_t from, MPI_Message& message, std::size_t size) {
  MPI_Request request = start(head_.data(), size, message);
  if (has_arrived(request)) {
    try {
      take_head(from, ByteView(head_).first(size));
    } catch (const CorruptData& nonsense) {
      give_up(from, nonsense.what());
    }
    return;
  }
  auto later = std::make_unique<Message>(
      Message{from, wire::Kind::head, size, false, std::move(head_), request});
  head_ = Bytes(wire::most_head_bytes);
  pending_.push_back(later.get());
  senders_[from].messages.push_back(std::move(later));
}

void Arrivals::receive_later(std::uint32_t from, wire::Kind kind, MPI_Message& message,
                             std::size_t size) {
  auto later = std::make_unique<Message>(
      Message{from, kind, size, false, make_bytes(size, from), MPI_REQUEST_NULL});
  later->request = start(later->bytes.data(), size, message);
  pending_.push_back(later.get());
  senders_[from].messages.push_back(std::move(later));
}

void Arrivals::test_some() {
  for (std::size_t tests = std::min(pending_.size(), most_arrival_tests); tests > 0; --tests) {
    Message* first = pending_.front();
    first->arrived = has_arrived(first->request);
    pending_.pop_front();
    if (first->arrived) {
      ++change_count_;
      take_arrived(first->from);
    } else {
      pending_.push_back(first);  // so that one that is stuck does not hide the others
    }
  }
}

void Arrivals::take_arrived(std::uint32_t from) {
  Sender& sender = senders_.at(from);
  while (!sender.messages.empty() && sender.messages.front()->arrived) {
    const std::unique_ptr<Message> first = std::move(sender.messages.front());
    sender.messages.pop_front();
    if (sender.broken) continue;
    try {
      take(from, *first);
    } catch (const CorruptData& nonsense) {
      give_up(from, nonsense.what());
    }
  }
  if (sender.messages.empty() && !sender.header && !sender.broken) senders_.erase(from);
}

void Arrivals::take(std::uint32_t from, Message& message) {
  switch (message.kind) {
    case wire::Kind::head:
      return take_head(from, ByteView(message.bytes).first(message.size));
    case wire::Kind::segment: {
      Sender& sender = senders_.at(from);
      take_segment(sender, message);
      if (sender.body.size() == sender.header->body_size) finish_frame(from, sender);
      return;
    }
  }
  throw CorruptData("a part of a frame of no kind");
}

void Arrivals::take_head(std::uint32_t from, ByteView bytes) {
  const FrameHeader header = read_header(bytes);
  const ByteView body = bytes.subspan(Frame::header_size);
  if (header.body_size <= wire::most_head_bytes - Frame::header_size) {
    verify_body(header, body, key_);
    ready_.push_back({from, {header.type, Bytes(body.begin(), body.end()), header.run}});
    return;
  }
  Sender& sender = senders_[from];
  if (sender.header || !body.empty()) throw CorruptData("a frame that begins inside another");
  sender.header = header;
}

// The body grows with what has come: what a header claims is no proof.
void Arrivals::take_segment(Sender& sender, Message& message) {
  if (!sender.header) throw CorruptData("a part of a frame that never began");
  if (message.size == 0) throw CorruptData("an empty part of a frame");
  const std::uint64_t body_size = sender.header->body_size;
  if (message.size > body_size - sender.body.size()) throw CorruptData("a frame that is too long");
  if (sender.body.empty()) {
    sender.body = std::move(message.bytes);
  } else {
    append_to(sender.body, message.bytes, message.from);
  }
}

void Arrivals::finish_frame(std::uint32_t from, Sender& sender) {
  const FrameHeader header = *std::exchange(sender.header, std::nullopt);
  Bytes body = std::exchange(sender.body, {});
  verify_body(header, body, key_);
  ready_.push_back({from, {header.type, std::move(body), header.run}});
}

void Arrivals::give_up(std::uint32_t from, const std::string& what) {
  Sender& sender = senders_[from];
  sender.broken = true;
  sender.header.reset();
  sender.body = {};
  ready_.push_back({from, {}, what});
}

std::size_t Arrivals::pending_count() const {
  return static_cast<std::size_t>(std::count_if(
      senders_.begin(), senders_.end(),
      [](const auto& one) { return !one.second.messages.empty() || one.second.header; }));
}

}  // namespace taskrun
