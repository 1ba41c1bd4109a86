// SPDX-License-Identifier: MIT
#include "taskrun/engine/messages.hpp"

#include <array>
#include <utility>

namespace taskrun {
namespace {

// One function lists the fields of each message; an archive that writes and one that reads go
// through the same list, so the two cannot differ.

class Writing {
 public:
  explicit Writing(Bytes& out) : out_(out) {}

  template <class Number>
  void number(Number& n) {
    out_.put(n);
  }
  void duration(Duration& d) { out_.put<std::int64_t>(d.count()); }
  void text(std::string& s) { out_.put_sized(view_of(s)); }
  void bytes(Bytes& b) { out_.put_sized(b); }
  template <class T, class Fields>
  void list(std::vector<T>& items, Fields fields) {
    out_.put<std::uint64_t>(items.size());
    for (T& item : items) fields(*this, item);
  }

 private:
  ByteWriter out_;
};

class Reading {
 public:
  explicit Reading(ByteView in) : in_(in) {}

  template <class Number>
  void number(Number& n) {
    n = in_.take<Number>();
  }
  void duration(Duration& d) { d = Duration(in_.take<std::int64_t>()); }
  void text(std::string& s) { s = in_.take_text(); }
  void bytes(Bytes& b) {
    const ByteView view = in_.take_sized();
    b.assign(view.begin(), view.end());
  }
  template <class T, class Fields>
  void list(std::vector<T>& items, Fields fields) {
    const auto count = in_.take<std::uint64_t>();
    // Every item takes at least one byte: a corrupted count cannot make us allocate without limit.
    if (count > in_.left()) throw CorruptData("a list longer than its message");
    items.resize(count);
    for (T& item : items) fields(*this, item);
  }

  void finish() const {
    if (!in_.at_end()) throw CorruptData("a message longer than its fields");
  }

 private:
  ByteReader in_;
};

template <class A, class Of>
void fields(A& a, HalfOpen<Of>& range) {
  a.number(range.begin);
  a.number(range.end);
}

template <class A>
void fields(A& a, ProcessName& process) {
  a.number(process.pid);
  a.number(process.machine);
}

template <class A>
void fields(A& a, Hello& m) {
  a.number(m.build);
  a.number(m.job);
  a.number(m.slots);
  fields(a, m.process);
  a.text(m.host);
}

template <class A>
void fields(A& a, Welcome& m) {
  a.number(m.item_count);
  a.number(m.chunk_count);
  a.duration(m.heartbeat_interval);
  fields(a, m.process);
  a.duration(m.report_interval);
}

template <class A>
void fields(A& a, Grant& m) {
  a.list(m.leases, [](A& archive, Work& work) {
    archive.number(work.lease.value);
    fields(archive, work.chunks);
    archive.number(work.attempt);
    archive.bytes(work.shipped);
  });
  a.duration(m.median_chunk);
}

template <class A>
void fields(A& a, Commit& m) {
  a.list(m.results.pieces, [](A& archive, Piece& piece) {
    fields(archive, piece.chunks);
    archive.number(piece.payload_size);
  });
  a.bytes(m.results.payloads);
  a.list(m.results.failures, [](A& archive, ChunkFailure& failure) {
    archive.number(failure.lease.value);
    archive.number(failure.chunk);
    archive.text(failure.error);
    archive.text(failure.text);
    archive.number(failure.is_final);
    archive.number(failure.end.how);
    archive.number(failure.end.number);
    archive.duration(failure.begun);
    archive.duration(failure.busy);
    archive.text(failure.details);
  });
  a.list(m.results.progress, [](A& archive, LeaseProgress& progress) {
    archive.number(progress.lease.value);
    archive.number(progress.next);
    archive.number(progress.ended);
    archive.number(progress.computed);
    archive.duration(progress.busy);
  });
}

template <class A>
void fields(A& a, Withdraw& m) {
  a.list(m.leases, [](A& archive, Withdraw::Item& item) {
    archive.number(item.lease.value);
    archive.number(item.how);
  });
}

template <class A>
void fields(A& a, Heartbeat& m) {
  a.duration(m.median_chunk);
}

template <class A>
void fields(A& a, Log& m) {
  a.number(m.event.level);
  a.text(m.event.text);
}

template <class A>
void fields(A& a, Broken& m) {
  a.text(m.error);
  a.number(m.reach);
}

template <class A>
void fields(A& a, Finish& m) {
  a.duration(m.grace);
}

struct Bucket {
  std::uint16_t index = 0;
  std::uint64_t count = 0;
};

// Only the buckets that hold something.
template <class A>
void fields(A& a, DurationHistogram& histogram) {
  std::vector<Bucket> filled;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    const auto count = histogram.counts()[i];
    if (count > 0) filled.push_back({static_cast<std::uint16_t>(i), count});
  }
  a.list(filled, [](A& archive, Bucket& bucket) {
    archive.number(bucket.index);
    archive.number(bucket.count);
  });
  histogram = {};
  for (const auto& bucket : filled) {
    if (bucket.index >= DurationHistogram::bucket_count) throw CorruptData("no such bucket");
    histogram.add_to_bucket(bucket.index, bucket.count);
  }
}

template <class A>
void fields(A& a, Goodbye& m) {
  auto& account = m.account;
  a.number(account.rank);
  a.text(account.host);
  a.number(account.slots);
  a.number(account.chunks);
  a.duration(account.busy);
  a.duration(account.processor);
  a.duration(account.communication);
  a.number(account.bytes_sent);
  a.number(account.bytes_received);
  fields(a, account.dispatch);
}

template <class A>
void fields(A& a, Sibling& m) {
  a.number(m.rank);
  fields(a, m.process);
}

template <class A>
void fields(A& a, SiblingEnded& m) {
  a.number(m.rank);
}

template <std::size_t I>
Message read_as(ByteView body) {
  std::variant_alternative_t<I, Message> message;
  Reading in(body);
  fields(in, message);
  in.finish();
  return message;
}

template <std::size_t... I>
constexpr auto readers(std::index_sequence<I...>) {
  return std::array{&read_as<I>...};
}

}  // namespace

const char* name_of(const Message& message) {
  constexpr std::array names{"hello",    "welcome",   "grant",     "a commit",
                             "withdraw", "heartbeat", "a line",    "broken",
                             "finish",   "goodbye",   "a sibling", "a sibling's end"};
  static_assert(names.size() == std::variant_size_v<Message>);
  return names[message.index()];
}

Frame encode_message(Message message) {
  Frame frame;
  frame.type = static_cast<std::uint16_t>(message.index());
  frame.body.reserve(128);  // most messages are shorter
  Writing out(frame.body);
  std::visit([&](auto& m) { fields(out, m); }, message);
  return frame;
}

Message decode_message(const Frame& frame) {
  static constexpr auto all = readers(std::make_index_sequence<std::variant_size_v<Message>>{});
  if (frame.type >= all.size()) throw CorruptData("a message of unknown type");
  return all[frame.type](frame.body);
}

}  // namespace taskrun
