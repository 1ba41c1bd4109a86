// SPDX-License-Identifier: MIT
#include "taskrun/protocol/messages.hpp"

#include <array>
#include <utility>

#include "taskrun/protocol/directions.hpp"
#include "taskrun/protocol/fields.hpp"

namespace taskrun {
template <class A, FieldsOf<Hello> M>
void fields(A& a, M& m) {
  a.number(m.build);
  a.number(m.job);
  a.number(m.slots);
  fields(a, m.process);
  a.text(m.host);
}

template <class A, FieldsOf<Refused> M>
void fields(A& a, M& m) {
  a.text(m.host);
  a.text(m.why);
}

template <class A, FieldsOf<Welcome> M>
void fields(A& a, M& m) {
  a.number(m.item_count);
  a.number(m.chunk_count);
  a.duration(m.heartbeat_interval);
  fields(a, m.process);
  a.duration(m.report_interval);
}

template <class A, FieldsOf<Grant> M>
void fields(A& a, M& m) {
  a.list(m.leases);
  a.duration(m.median_chunk);
}

template <class A, FieldsOf<Commit> M>
void fields(A& a, M& m) {
  fields(a, m.results);
}

template <class A, FieldsOf<Withdraw::Item> M>
void fields(A& a, M& item) {
  a.number(item.lease.value);
  a.choice(item.how, Cancel::now);
}

template <class A, FieldsOf<Withdraw> M>
void fields(A& a, M& m) {
  a.list(m.leases);
}

template <class A, FieldsOf<Alive> M>
void fields(A&, M&) {}

template <class A, FieldsOf<Heartbeat> M>
void fields(A& a, M& m) {
  a.duration(m.median_chunk);
}

template <class A, FieldsOf<Broken> M>
void fields(A& a, M& m) {
  a.text(m.error);
  a.choice(m.reach, Broken::Reach::host);
}

template <class A, FieldsOf<Finish> M>
void fields(A& a, M& m) {
  a.duration(m.grace);
}

namespace {

struct Bucket {
  std::uint16_t index = 0;
  std::uint64_t count = 0;
};

template <class A, FieldsOf<Bucket> M>
void fields(A& a, M& bucket) {
  a.number(bucket.index);
  a.number(bucket.count);
}

// Only the buckets that hold something.
std::vector<Bucket> filled_buckets(const DurationHistogram& histogram) {
  std::vector<Bucket> filled;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    const auto count = histogram.counts()[i];
    if (count > 0) filled.push_back({static_cast<std::uint16_t>(i), count});
  }
  return filled;
}

DurationHistogram histogram_of(const std::vector<Bucket>& filled) {
  DurationHistogram histogram;
  std::size_t next = 0;
  for (const auto& bucket : filled) {
    if (bucket.index < next || bucket.index >= DurationHistogram::bucket_count ||
        bucket.count == 0) {
      throw CorruptData("no such bucket");
    }
    next = bucket.index + std::size_t{1};
    histogram.add_to_bucket(bucket.index, bucket.count);
  }
  return histogram;
}

}  // namespace

template <class A, FieldsOf<DurationHistogram> M>
void fields(A& a, M& histogram) {
  if constexpr (A::reads) {
    std::vector<Bucket> filled;
    a.list(filled);
    histogram = histogram_of(filled);
  } else {
    a.list(filled_buckets(histogram));
  }
}

template <class A, FieldsOf<Goodbye> M>
void fields(A& a, M& m) {
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

template <class A, FieldsOf<Sibling> M>
void fields(A& a, M& m) {
  a.number(m.rank);
  fields(a, m.process);
}

template <class A, FieldsOf<SiblingEnded> M>
void fields(A& a, M& m) {
  a.number(m.rank);
}

const char* name_of(const ToCoordinator& message) {
  constexpr std::array names{"hello",  "a refusal",       "a commit", "heartbeat",
                             "broken", "a sibling's end", "goodbye"};
  static_assert(names.size() == std::variant_size_v<ToCoordinator>);
  return names[message.index()];
}

Frame encode_message(const ToCoordinator& message) {
  return encode_as(FirstType::to_coordinator, message);
}
Frame encode_message(const ToWorker& message) { return encode_as(FirstType::to_worker, message); }

ToCoordinator decode_to_coordinator(const Frame& frame) {
  return decode_as<ToCoordinator>(FirstType::to_coordinator, frame,
                                  "a message that no worker sends");
}

ToWorker decode_to_worker(const Frame& frame) {
  return decode_as<ToWorker>(FirstType::to_worker, frame, "a message that no coordinator sends");
}

}  // namespace taskrun
