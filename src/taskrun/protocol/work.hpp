// SPDX-License-Identifier: MIT
// What is computed and what comes of it, as messages, slots and helper processes hand it on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/ids.hpp"
#include "taskrun/core/process_end.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/core/time.hpp"

namespace taskrun {

/// A lease as a worker gets it.
struct Work {
  LeaseId lease;
  ChunkRange chunks;
  std::uint32_t attempt = 1;
  /// For a dataset that ships: for each chunk in order its slice, with its size in front.
  Bytes shipped;
};

/// The partial of a run of chunks. For a job that reduces the run is a block of the reduction tree.
struct Piece {
  ChunkRange chunks;
  std::uint64_t payload_size = 0;
};

/// A chunk whose map threw.
struct ChunkFailure {
  LeaseId lease;
  std::uint64_t chunk = 0;
  std::string error;
  std::string text{};     ///< its part of the output all the same, if it is not tried again
  bool is_final = false;  ///< bad input: another try would fail as well
  ProcessEnd end{};
  Duration begun{};                       ///< of the lease's time, what had passed before the chunk
  Duration busy{};                        ///< the chunk's own
  std::string details{};                  ///< of the failure, for the job's own file
  std::uint64_t memory_bytes = 0;         ///< that it had at the most; 0: not known
  std::uint64_t memory_bytes_before = 0;  ///< of the chunks before it, as in LeaseProgress
};

/// How far a lease is: its chunks below `next` have been tried; their pieces and failures are told
/// in the same or earlier results.
struct LeaseProgress {
  LeaseId lease;
  std::uint64_t next = 0;
  bool ended = false;          ///< no more will come: done, or cancelled
  std::uint64_t computed = 0;  ///< chunks since the last report of this lease
  Duration busy{};             ///< the time those took
  /// What one of those had of memory at the most that followed the last failure; 0: not known.
  std::uint64_t memory_bytes = 0;
};

/// What slots got done, in the order they did it.
struct Results {
  std::vector<Piece> pieces;
  Bytes payloads;  ///< of the pieces, one after the other
  std::vector<ChunkFailure> failures;
  std::vector<LeaseProgress> progress;

  bool empty() const { return pieces.empty() && failures.empty() && progress.empty(); }
  void clear();
  void append(const Results& other);
};

enum class Cancel : std::uint8_t {
  if_waiting,  ///< only if it has not started
  now,         ///< at the next border between chunks
};

}  // namespace taskrun
