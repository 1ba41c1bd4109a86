// SPDX-License-Identifier: MIT
#include "taskrun/protocol/messages.hpp"

#include <array>
#include <utility>

namespace taskrun {
namespace {

// One function lists the fields of each message; an archive that writes and one that reads go
// through the same list, so the two cannot differ.

// No run lasts longer; far enough from the end of what a Duration holds to be added up.
constexpr Duration longest_duration = std::chrono::hours(24 * 365 * 10);

class Writing {
 public:
  explicit Writing(Bytes& out) : out_(out) {}

  template <class Number>
  void number(Number& n) {
    out_.put(n);
  }
  void flag(bool& f) { out_.put(f); }
  template <class Enum>
  void choice(Enum& choice, Enum /*last*/) {
    out_.put(choice);
  }
  void duration(Duration& d) { out_.put<std::int64_t>(d.count()); }
  void text(std::string& s) { out_.put_sized(view_of(s)); }
  void bytes(Bytes& b) { out_.put_sized(b); }
  template <class T, class Fields>
  void list(std::vector<T>& items, std::size_t /*least_size*/, Fields fields) {
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
  void flag(bool& f) {
    const auto byte = in_.take<std::uint8_t>();
    if (byte > 1) throw CorruptData("a truth value that is none");
    f = byte == 1;
  }
  template <class Enum>
  void choice(Enum& choice, Enum last) {
    const auto number = in_.take<std::underlying_type_t<Enum>>();
    if (number > static_cast<std::underlying_type_t<Enum>>(last)) {
      throw CorruptData("a choice that is none");
    }
    choice = static_cast<Enum>(number);
  }
  void duration(Duration& d) {
    d = Duration(in_.take<std::int64_t>());
    if (d < Duration::zero() || d > longest_duration) throw CorruptData("a time that is none");
  }
  void text(std::string& s) { s = in_.take_text(); }
  void bytes(Bytes& b) {
    const ByteView view = in_.take_sized();
    b.assign(view.begin(), view.end());
  }
  // Nothing is allocated for items that have not come.
  template <class T, class Fields>
  void list(std::vector<T>& items, std::size_t least_size, Fields fields) {
    const auto count = in_.take<std::uint64_t>();
    if (count > in_.left() / least_size) throw CorruptData("a list longer than its message");
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
  if (range.begin > range.end) throw CorruptData("a range that ends before it begins");
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
  a.list(m.leases, 36, [](A& archive, Work& work) {
    archive.number(work.lease.value);
    fields(archive, work.chunks);
    archive.number(work.attempt);
    archive.bytes(work.shipped);
  });
  a.duration(m.median_chunk);
}

template <class A>
void fields(A& a, Commit& m) {
  a.list(m.results.pieces, 24, [](A& archive, Piece& piece) {
    fields(archive, piece.chunks);
    archive.number(piece.payload_size);
  });
  a.bytes(m.results.payloads);
  a.list(m.results.failures, 54, [](A& archive, ChunkFailure& failure) {
    archive.number(failure.lease.value);
    archive.number(failure.chunk);
    archive.text(failure.error);
    archive.text(failure.text);
    archive.flag(failure.is_final);
    archive.choice(failure.end.how, ProcessEnd::How::killed);
    archive.number(failure.end.number);
    archive.duration(failure.begun);
    archive.duration(failure.busy);
    archive.text(failure.details);
  });
  a.list(m.results.progress, 33, [](A& archive, LeaseProgress& progress) {
    archive.number(progress.lease.value);
    archive.number(progress.next);
    archive.flag(progress.ended);
    archive.number(progress.computed);
    archive.duration(progress.busy);
  });
}

template <class A>
void fields(A& a, Withdraw& m) {
  a.list(m.leases, 9, [](A& archive, Withdraw::Item& item) {
    archive.number(item.lease.value);
    archive.choice(item.how, Cancel::now);
  });
}

template <class A>
void fields(A& a, Heartbeat& m) {
  a.duration(m.median_chunk);
}

template <class A>
void fields(A& a, Log& m) {
  a.choice(m.event.level, Level::error);
  a.text(m.event.text);
}

template <class A>
void fields(A& a, Broken& m) {
  a.text(m.error);
  a.choice(m.reach, Broken::Reach::host);
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
  a.list(filled, 10, [](A& archive, Bucket& bucket) {
    archive.number(bucket.index);
    archive.number(bucket.count);
  });
  histogram = {};
  std::size_t next = 0;
  for (const auto& bucket : filled) {
    if (bucket.index < next || bucket.index >= DurationHistogram::bucket_count ||
        bucket.count == 0) {
      throw CorruptData("no such bucket");
    }
    next = bucket.index + std::size_t{1};
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
