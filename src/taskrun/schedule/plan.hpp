// SPDX-License-Identifier: MIT
// The state of every chunk of a run: pending, leased, done or failed. Who holds which lease, which
// copies live, how often a chunk has failed. Decides what is leased next; not how much
// (policy.hpp), and not when (the coordinator).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "taskrun/core/chunk_set.hpp"
#include "taskrun/core/ids.hpp"
#include "taskrun/core/input_state.hpp"
#include "taskrun/core/range.hpp"

namespace taskrun {

/// A run of neighbouring chunks in the hands of one worker.
struct Lease {
  LeaseId id;
  ChunkRange chunks;
  WorkerId worker;
  std::uint32_t attempt = 1;
};

/// A lease for chunks that another worker holds, too: whoever commits first, wins.
struct LeaseCopy {
  Lease lease;
  LeaseId original;
  WorkerId holder;
  bool waiting = false;  ///< whether the original has not been started, as far as one can tell
};

/// How a worker was lost.
enum class Loss : std::uint8_t {
  silent,  ///< it may be there still: its computer, its network or it itself may have stopped
  ended,   ///< its process is known to have ended
};

/// Ranges and leases only, no per-chunk table: memory is O(workers + holes). Operations are
/// O(log) of those; the ones marked rare also touch what they change.
///
/// Every chunk that is neither pending nor done nor failed is covered by one living lease, or by
/// two that are copies of each other ("twins").
class Plan {
 public:
  /// A chunk whose map failed is tried `retries` more times.
  Plan(std::uint64_t chunk_count, std::uint32_t retries);

  /// Of an open-ended run: there are so many chunks by now, never less than before, and more may
  /// come until the extent has ended. Until then only leases that wait are copied: that nothing is
  /// left to lease is no sign of the tail.
  void grow(std::uint64_t chunk_count, Extent extent);
  Extent extent() const { return extent_; }

  /// Slots tell how many of a worker's leases run at a time, oldest first.
  void add_worker(WorkerId worker, std::uint32_t slots);
  /// Its leases come back. Chunks of those that ran are suspected of it: they are leased again in
  /// ever shorter runs, and a chunk that was alone with `most_deaths` different workers when those
  /// ended is given up. Returns such chunks. Rare.
  std::vector<std::uint64_t> remove_worker(WorkerId worker, Loss loss);
  static constexpr std::size_t most_deaths = 3;

  /// The lowest pending chunks, at most `length` of them, for a worker that was added. A chunk that
  /// failed comes alone, and to another worker than before where there is one. Suspects do not go
  /// to worker 0, with whom the coordinator would end, where there is another.
  std::optional<Lease> lease(WorkerId worker, std::uint64_t length);
  /// A copy of the oldest lease of another worker that has none yet: of those that have not been
  /// started, else of those that have.
  std::optional<LeaseCopy> copy(WorkerId worker);
  /// For a job whose chunks must not be computed twice: the oldest lease of another worker that has
  /// not been started, as far as one can tell. Each is named once.
  std::optional<LeaseId> take_waiting(WorkerId worker);

  /// Chunks that were computed together. True: they were all new, and are done now; their result
  /// counts. False: some have been done, or given up, before; the result must be dropped.
  /// It does not matter whose they are: a late answer of a lost worker counts as well. In an open
  /// plan chunks may be done that have not come yet: they are known from an earlier run.
  bool commit(ChunkRange piece);
  /// Whether commit would be true.
  bool awaits(ChunkRange piece) const { return !done_.contains_any(piece); }
  /// Whether the chunks are of a lease that the worker holds, or held when it fell silent: nobody
  /// else's word for their result is taken. O(its leases).
  bool may_answer(WorkerId worker, ChunkRange piece) const;

  enum class Failure {
    ignored,  ///< a late or doubled report, or another copy is still at it
    retried,
    given_up,  ///< the chunk has failed for good
  };
  enum class Retry { may_help, is_useless };
  Failure fail(LeaseId lease, std::uint64_t chunk, Retry retry = Retry::may_help);

  /// The chunks of a lease below `next` have been tried, and what came of them was committed or
  /// failed before; with `ended` the others come back. Returns the twin, if all it still has to do
  /// is done.
  std::optional<LeaseId> advance(LeaseId lease, std::uint64_t next, bool ended);

  /// The living lease of that name, with the chunks it has not yet tried. Null for one that ended.
  std::optional<Lease> find_lease(LeaseId lease) const;
  std::size_t lease_count(WorkerId worker) const;
  std::size_t lease_count() const { return leases_.size(); }
  /// All living ones, in no order. O(leases).
  std::vector<Lease> leases() const;

  std::uint64_t chunk_count() const { return chunk_count_; }
  std::uint64_t pending_count() const { return pending_.size() + retrying_.size(); }
  /// The chunk that the next lease will start with, if any is pending.
  std::optional<std::uint64_t> next_pending() const;
  /// Also those that have failed for good.
  const ChunkSet& done() const { return done_; }
  std::uint64_t done_count() const { return done_.size() - failed_count_; }
  std::uint64_t failed_count() const { return failed_count_; }
  bool complete() const { return extent_ != Extent::open && done_.size() == chunk_count_; }
  std::uint32_t attempts(std::uint64_t chunk) const;

  /// Whether there may be something to lease or copy that was not there at the last call.
  bool take_new_work() { return std::exchange(new_work_, false); }

  /// For tests: whether every chunk is in exactly one state and all leases agree. O(everything).
  bool consistent() const;

 private:
  struct Held {
    ChunkRange remaining;
    WorkerId worker;
    std::uint32_t attempt = 1;
    LeaseId twin;  // 0: none
  };
  struct Holder {
    std::uint32_t slots = 1;
    std::deque<LeaseId> leases;  // in the order granted; the first `slots` of them run
  };
  struct Tries {
    std::uint32_t count = 0;
    WorkerId last;
  };
  // Chunks, one of which may be why workers were lost. The range begins at the key.
  struct Suspects {
    std::uint64_t end = 0;
    std::uint32_t losses = 0;
    std::vector<WorkerId> ended;
  };
  // Living leases without a twin. Kept only from the first copy on: before the tail nobody asks.
  struct Candidates {
    std::set<LeaseId> waiting;
    std::set<LeaseId> running;
  };

  void give_up(ChunkRange chunks);
  void expect_late(WorkerId worker, ChunkRange chunks);
  void forget_old_tries();
  Lease grant(WorkerId worker, ChunkRange chunks, std::uint32_t attempt);
  std::optional<std::uint64_t> retry_for(WorkerId worker) const;
  /// The first pending chunks that the worker may have, as many as may go together.
  std::optional<ChunkRange> fresh_for(WorkerId worker) const;
  void suspect(ChunkRange range, WorkerId worker, Loss loss);
  const Suspects* suspects_at(std::uint64_t chunk) const;
  std::optional<LeaseCopy> copy_from(std::set<LeaseId>& candidates, WorkerId worker, bool waiting);
  /// Whether this very try at one of its chunks has already failed elsewhere: another copy of it
  /// would fail as well, and so on without end.
  bool has_failed(const Held& held) const;
  void end(LeaseId id);
  /// Chunks that left a lease untried, or whose result was dropped: pending, if nobody else has
  /// them.
  void release(ChunkRange range, LeaseId twin);
  void build_candidates();
  void set_twin(LeaseId a, LeaseId b);

  std::uint64_t chunk_count_;
  Extent extent_ = Extent::known;
  std::uint32_t retries_;
  std::uint64_t last_lease_ = 0;
  bool new_work_ = false;

  ChunkSet pending_;   // never failed yet
  ChunkSet retrying_;  // failed before, pending again
  ChunkSet done_;      // or failed for good: nobody need be at them
  std::uint64_t failed_count_ = 0;
  std::unordered_map<LeaseId, Held> leases_;
  std::unordered_map<WorkerId, Holder> holders_;
  std::unordered_map<WorkerId, ChunkSet> late_;  // what the silent held, and may still answer
  std::map<std::uint64_t, Suspects> suspects_;   // disjoint
  std::map<std::uint64_t, Tries> tries_;         // of chunks that failed at least once
  std::optional<Candidates> candidates_;
};

}  // namespace taskrun
