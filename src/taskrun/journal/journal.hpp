// SPDX-License-Identifier: MIT
// The run's file as the engine sees it: what is recorded, when it is durable, and what an earlier
// run left. The file itself is sqlite_journal.hpp's matter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/chunk_it.hpp"
#include "taskrun/core/input_file.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/events/account.hpp"

namespace taskrun {

/// The partial of a run of chunks. It takes the place of all that was recorded for chunks in it.
struct RecordedPiece {
  ChunkRange chunks;
  Bytes payload;
};

enum class AttemptOutcome : std::uint8_t {
  done,    ///< all its chunks were computed
  failed,  ///< the one chunk that it names threw, crashed or took too long
  lost,    ///< its worker was lost
  ended,   ///< withdrawn, or the run stopped, before they were computed
};

/// What became of neighbouring chunks that a worker computed one after the other. Each try at a
/// chunk is in one record.
struct AttemptRecord {
  ChunkRange chunks;
  std::uint32_t attempt = 1;
  std::uint32_t worker = 0;  ///< its rank
  std::string host{};
  Time started{};   ///< when the first of them was begun, as far as is known
  Duration busy{};  ///< computing them
  AttemptOutcome outcome = AttemptOutcome::done;
  std::string error{};
  ProcessEnd end{};
  /// What processes of a chunk had of memory at the most; 0: not known.
  std::uint64_t memory_bytes = 0;
};

/// Chunks that a slot is at.
struct RunningRecord {
  ChunkRange chunks;
  std::uint32_t attempt = 1;
  std::uint32_t worker = 0;  ///< its rank
  std::string host;
  Time since{};  ///< as far as is known
};

/// What a run wants kept since it said so last.
struct Records {
  std::vector<RecordedPiece> pieces;
  std::vector<AttemptRecord> attempts;
  std::vector<FailedChunk> failed;  ///< given up; a resumed run tries them again
  std::vector<Event> events;
  std::optional<InputState> input;  ///< of an open-ended run, if it changed: holds all the pieces
  std::optional<std::vector<RunningRecord>>
      running;                       ///< the oldest; takes the place of earlier ones
  std::optional<Progress> progress;  ///< counts what the pieces of this and earlier records hold

  bool empty() const {
    return pieces.empty() && attempts.empty() && failed.empty() && events.empty();
  }
};

/// Called by rank 0's message thread only.
class Journal {
 public:
  virtual ~Journal() = default;

  /// Once, before everything else: the run that the journal is for. Throws Error (usage) where the
  /// journal is of another one, and says what differs. `inputs`: what the dataset reads.
  virtual void begin(const Grid& grid, const std::vector<InputFile>& inputs) = 0;

  /// Of an open-ended run: what earlier runs have seen of the input.
  virtual InputState input() const { return {}; }
  /// What earlier runs recorded, in chunk order, disjoint. What cannot be read whole is left out:
  /// it is computed again.
  using Restore = std::function<void(ChunkRange chunks, ByteView payload)>;
  virtual void restore(const Restore& restore) = 0;
  /// The payload of one of the pieces that restore() gave, again: output waits in the file, not in
  /// memory. Throws Error (environment) where it can no longer be read.
  virtual Bytes read(ChunkRange chunks) const = 0;

  /// Takes the records over and returns at once. They become durable in the order of the calls,
  /// those of one call together. Throws Error (environment) when earlier ones could not be written.
  virtual void record(Records records) = 0;
  /// How many of the calls of record() are durable; a change notifies the rank's wakeup, as does a
  /// failure, which is thrown here too: who waits for the count must learn that it will not come.
  virtual std::uint64_t durable_count() const = 0;
};

}  // namespace taskrun
