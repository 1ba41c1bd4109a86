// SPDX-License-Identifier: MIT
// Isolation of user code: what a helper process may use, and the memory it shares with the rank
// whose chunks it computes.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "taskrun/core/time.hpp"
#include "taskrun/job/context.hpp"

namespace taskrun {

/// For a chunk in a helper. Texts are as the user wrote them; errors quote them.
struct IsolationLimits {
  Duration timeout{};        ///< zero: none
  double timeout_ratio = 0;  ///< of the run's median chunk time so far; 0: none
  std::string timeout_text;
  std::uint64_t memory_bytes = 0;  ///< 0: no limit
  std::string memory_text;
  bool kept_by_job = false;  ///< the job ends by itself what exceeds them, before it is ended
  /// The launcher that started the rank; 0: none. Helpers may use the cores that it may, and those
  /// that were asked to end have their time where it was faster with the rank.
  pid_t launcher = 0;
  ChunkLimits told;  ///< what chunks are told beside the memory
};

/// One for each slot, in memory that rank and helper share; outlives the helpers of the slot. A
/// helper says what it is at without a message for each chunk, and can still be asked when it is
/// dead.
struct alignas(64) HelperCell {
  std::atomic<bool> stop = false;               ///< the rank: its lease is no longer wanted
  std::atomic<bool> out_of_memory = false;      ///< the helper: why it ended
  std::atomic<std::uint64_t> memory_bytes = 0;  ///< … and what it had then
  std::atomic<std::uint64_t> chunk = 0;         ///< the helper: the chunk begun last
  std::atomic<std::uint64_t> begun = 0;         ///< the helper: how many it has begun
  /// The helpers: what they, and what they have started and waited for, have used of processors.
  std::atomic<std::int64_t> processor_nanoseconds = 0;
};
static_assert(std::atomic<bool>::is_always_lock_free &&
              std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace taskrun
