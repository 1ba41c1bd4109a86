// SPDX-License-Identifier: MIT
// What a rank that lies sends in place of its messages: other fields, other bytes, messages twice,
// late, again, out of turn, or none. One lie it does not tell, for nobody can tell it from the
// truth: another result of a chunk that it was given to compute, or another text of
// one that failed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "taskrun/core/chunk_set.hpp"
#include "taskrun/protocol/messages.hpp"

namespace taskrun::testing {

class Liar {
 public:
  /// Rank 0 lies to workers, others to it.
  enum class Place { rank_0, elsewhere };
  Liar(std::uint64_t seed, Place place);

  /// It is told this by the coordinator.
  void hear(const Frame& frame);
  /// What is sent in place of this message, in this order.
  std::vector<Frame> instead_of(Frame honest);
  std::uint64_t lie_count() const { return lie_count_; }

 private:
  std::uint64_t roll(std::uint64_t low, std::uint64_t high) {
    return low + random_() % (high - low + 1);
  }
  bool chance(std::uint64_t percent) { return roll(1, 100) <= percent; }
  template <class Number>
  void change(Number& number);
  void change(ChunkRange& chunks);
  void change(LeaseId& lease) { change(lease.value); }
  void change(bool& flag) { flag = !flag; }
  void change(Duration& duration);
  void change(std::string& text);
  void change(ProcessName& process);
  template <class T>
  void change(std::vector<T>& items);
  template <class... Fields>
  void change_one(Fields&... fields);

  void change(Hello& m);
  void change(Welcome& m);
  void change(Grant& m);
  void change(Refused& m);
  void change(Commit& m);
  void change(Withdraw& m);
  void change(Heartbeat& m) { change(m.median_chunk); }
  void change(Alive&) {}
  void change(Broken& m);
  void change(Finish& m) { change(m.grace); }
  void change(Goodbye& m);
  void change(Sibling& m);
  void change(SiblingEnded& m) { change(m.rank); }
  void change(Work& work);
  void change(Withdraw::Item& item);
  void change(Piece& piece);
  void change(ChunkFailure& failure);
  void change(LeaseProgress& progress);

  template <class Direction>
  void change_fields(Direction& message, std::uint64_t times);
  template <class Direction>
  Frame invented();
  template <class Direction>
  Frame encoded(const Direction& message, const Frame& otherwise);
  Frame with_other_fields(const Frame& frame);
  Frame with_other_bytes(Frame frame);
  void remember(const Frame& frame);
  /// Whether it tells a result of a chunk that is the liar's to compute, and not the one that it
  /// has, or a text of a failed one: the jobs of these runs have none.
  bool forges(const Frame& frame) const;

  std::mt19937_64 random_;
  Place place_;
  std::uint64_t lies_percent_;
  std::uint64_t lie_count_ = 0;
  std::uint64_t most_lies_;
  ChunkSet granted_;
  LeaseId last_lease_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Bytes> results_;
  std::vector<Frame> said_;  // of late
  std::vector<Frame> held_back_;
};

}  // namespace taskrun::testing
