// SPDX-License-Identifier: MIT
// What becomes of the partials that the plan accepted: reduced to one, or written out in order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/job/job.hpp"
#include "taskrun/journal/journal.hpp"

namespace taskrun {

/// Where emitted text goes, in order. Never blocks; takes the bytes over and reports what has not
/// been written yet.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(ByteView bytes) = 0;
  /// Likewise, of what is said of failed chunks beside the output; nobody may want it.
  virtual void write_details(ByteView /*bytes*/) {}
  virtual std::uint64_t backlog_bytes() const = 0;
};

/// Used by the coordinator only. Pieces come in any order, disjoint; each chunk is added or skipped
/// once.
class Collector {
 public:
  virtual ~Collector() = default;

  /// Throws CorruptData where the payload cannot be a partial, and what the job's reduce throws.
  virtual void add(ChunkRange piece, ByteView payload) = 0;
  /// A chunk that has failed for good; the text is what an emitting job has of it all the same, the
  /// details are for the sink as well.
  virtual void skip(std::uint64_t chunk, ByteView text, ByteView details = {}) = 0;
  /// A piece that an earlier run recorded, instead of add(); before all others.
  virtual void restore(ChunkRange piece, ByteView payload) = 0;
  /// Appends what came into being since the last call and is to be recorded; for a run with a
  /// journal only.
  virtual void take_fresh(std::vector<RecordedPiece>& out) = 0;
  /// Once, when every chunk was added or skipped: the result (of an emitting job: empty).
  virtual Partial finish() = 0;

  /// Of output that waits for chunks before it. Zero for a job that reduces.
  virtual std::uint64_t waiting_bytes() const { return 0; }
  /// Of output that leaves as fast as the sink and the journal take it. Likewise.
  virtual std::uint64_t leaving_bytes() const { return 0; }
  /// The chunk that the output waits for.
  virtual std::uint64_t next_chunk() const { return 0; }
  /// Writes what can be written now, without letting the sink's backlog grow beyond this.
  virtual void write_restored(std::uint64_t /*backlog_limit*/) {}
  /// Whether restored output has not been written yet.
  virtual bool has_restored() const { return false; }
};

/// All outlive the collector. The sink is used by emitting jobs only; no journal: nullptr.
std::unique_ptr<Collector> make_collector(const Job& job, std::uint64_t chunk_count, Sink& sink,
                                          const Journal* journal = nullptr);

}  // namespace taskrun
