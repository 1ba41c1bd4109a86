// SPDX-License-Identifier: MIT
// Takes in what workers report of their leases: partials, failed chunks, progress. The feeder's
// counterpart; part of the coordinator, and pure like it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taskrun/core/histogram.hpp"
#include "taskrun/engine/coordinator_parts.hpp"
#include "taskrun/events/account.hpp"

namespace taskrun {

class Intake {
 public:
  explicit Intake(const CoordinatorParts& parts) : parts_(parts) {}

  /// A piece that an earlier run recorded. Throws CorruptData.
  void restore(ChunkRange piece, ByteView payload);
  /// The bytes of output that are new with it. Throws CorruptData for what the worker cannot have
  /// to report, of which nothing counts, or for a partial that is none, which does not count; and
  /// what the job's reduce throws.
  std::uint64_t take(WorkerId from, const Results& results, Time now);
  /// The plan has given the chunk up: it has no result.
  void give_up(const ChunkFailure& failure, std::uint32_t attempts);

  std::uint64_t items_done() const { return items_done_; }
  std::uint64_t items_restored() const { return items_restored_; }
  /// Of the last restored chunk; 0 where there is none.
  std::uint64_t restored_end() const { return restored_end_; }
  std::uint64_t computed_count() const { return computed_count_; }    ///< chunks, copies included
  const std::vector<FailedChunk>& failed() const { return failed_; }  ///< the first hundred
  /// Chunks of one report count as one, of their mean time.
  Duration longest_chunk() const { return longest_chunk_; }
  const DurationHistogram& chunk_times() const { return chunk_times_; }

 private:
  void check(WorkerId from, const Results& results) const;
  void check_lease(WorkerId from, LeaseId lease) const;
  static bool is_over(const Results& results, const ChunkFailure& failure);
  std::uint64_t collect(const Results& results);
  void note_failures(const Results& results);
  void tell_retry(std::uint64_t chunk, std::uint32_t attempts, const std::string& error);
  void note_progress(WorkerId worker, const Results& results, Time now);
  /// Of an open-ended run: these items are not needed any more.
  void release(ChunkRange chunks) const;

  const CoordinatorParts parts_;
  std::uint64_t items_done_ = 0;
  std::uint64_t items_restored_ = 0;
  std::uint64_t restored_end_ = 0;
  std::uint64_t computed_count_ = 0;
  std::uint64_t retry_count_ = 0;
  std::vector<FailedChunk> failed_;
  DurationHistogram chunk_times_;
  Duration longest_chunk_{};
};

}  // namespace taskrun
