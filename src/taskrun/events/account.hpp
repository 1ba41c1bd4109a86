// SPDX-License-Identifier: MIT
// What a run tells of itself: while it goes on (Progress, Event) and at its end (Account). The
// engine fills these in, report/ tells them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taskrun/core/histogram.hpp"
#include "taskrun/core/input_state.hpp"
#include "taskrun/core/process_end.hpp"
#include "taskrun/core/time.hpp"

namespace taskrun {

enum class Level : std::uint8_t { debug, info, warning, error };

/// One thing worth a line.
struct Event {
  Level level = Level::info;
  std::string text;
};

/// How far a run is.
struct Progress {
  std::uint64_t chunks_done = 0;
  std::uint64_t chunks_failed = 0;
  std::uint64_t chunk_count = 0;
  std::uint64_t items_done = 0;  ///< of the chunks done
  std::uint64_t item_count = 0;
  std::uint32_t worker_count = 0;  ///< alive
  std::uint32_t slot_count = 0;    ///< of the living workers
  Duration elapsed{};
  std::uint64_t items_restored = 0;  ///< of the items done: by an earlier run, from the journal
  Extent extent = Extent::known;     ///< where it is open, the counts are of what has come so far
};

/// What one worker did. The worker says it in its goodbye; of a lost one the coordinator knows only
/// the chunks and their busy time.
struct WorkerAccount {
  std::uint32_t rank = 0;
  std::string host;
  std::uint32_t slots = 0;
  std::uint64_t chunks = 0;  ///< computed, thrown-away copies included
  Duration busy{};           ///< inside map and reduce, all slots added up
  Duration processor{};      ///< what the rank used of cores, commands included; zero: not known
  Duration communication{};  ///< what the rank's message thread was busy for
  std::uint64_t bytes_sent = 0;  ///< of frames; likewise received
  std::uint64_t bytes_received = 0;
  DurationHistogram dispatch;  ///< how long a free slot waited for its next lease
};

/// A chunk that has no result, and why.
struct FailedChunk {
  std::uint64_t chunk = 0;
  std::uint64_t first_item = 0;  ///< the chunk's items are [first_item, end_item)
  std::uint64_t end_item = 0;
  std::uint32_t attempts = 0;
  std::string error;
  ProcessEnd end{};  ///< of the last attempt
};

/// What the whole run did.
struct Account {
  Duration wall{};                ///< from the first lease to the last commit
  Extent extent = Extent::known;  ///< where it is open, the run ended before its input
  std::uint64_t item_count = 0;
  std::uint64_t chunk_count = 0;
  std::uint64_t chunks_computed = 0;  ///< more than chunk_count where copies were made
  std::uint64_t leases = 0;
  std::uint64_t lease_copies = 0;  ///< leases handed out a second time at the tail
  std::uint32_t ranks = 0;
  std::uint32_t workers_lost = 0;
  Duration longest_chunk{};     ///< of a report with several chunks their mean counts
  Duration coordinator_busy{};  ///< of rank 0's message thread
  std::vector<WorkerAccount> workers;
  std::uint64_t chunks_failed = 0;
  std::vector<FailedChunk> failed;  ///< the first hundred

  std::uint32_t slot_count() const;
  Duration busy() const;  ///< of all slots
  /// What the run would have taken without any loss: the busy time spread evenly over the slots, of
  /// which no more can be busy than there are items, and no less than the longest item took.
  Duration ideal() const;
  /// ideal / wall, 0 to 1.
  double efficiency_ratio() const;
  /// The busiest slot share against the mean, minus one: 0 is even.
  double imbalance_ratio() const;
  /// The part of the wall time for which rank 0's message thread was busy, 0 to 1.
  double coordinator_load_ratio() const;
  std::uint64_t bytes_sent() const;
  DurationHistogram dispatch() const;
};

}  // namespace taskrun
