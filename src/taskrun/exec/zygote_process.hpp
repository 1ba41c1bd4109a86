// SPDX-License-Identifier: MIT
// The inside of the zygote, and what it is asked over its control socket.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <type_traits>

#include "taskrun/core/bytes.hpp"
#include "taskrun/exec/isolation.hpp"
#include "taskrun/job/job.hpp"

namespace taskrun {

struct ZygoteRequest {
  enum class Kind : std::uint32_t { fork_helper, bury };
  Kind kind = Kind::fork_helper;
  std::uint32_t slot = 0;
  pid_t helper = 0;
  std::uint64_t item_count = 0;  // of the grid
  std::uint64_t chunk_count = 0;
};

/// With fork_helper come the helper's socket and its pidfd.
struct ZygoteReply {
  int error = 0;  ///< an errno
  pid_t helper = 0;
  int status = 0;
};
constexpr std::size_t helper_descriptor_count = 2;
static_assert(std::is_trivially_copyable_v<ZygoteRequest> &&
              std::is_trivially_copyable_v<ZygoteReply>);

/// What a zygote is taught: first this, then the text in packets.
struct ZygoteLesson {
  std::uint64_t text_bytes = 0;
  ChunkLimits limits;
  bool kept_by_job = false;
  pid_t launcher = 0;
};
void send_lesson(int control, ZygoteLesson lesson, ByteView text);

/// Of the cells that rank and helpers share the one that is no slot's, but the rank's own: `stop`
/// is that it was told to end.
inline constexpr std::uint32_t rank_cell = 4096;

/// As the kernel knows helpers.
inline constexpr const char* helper_name = "taskrun-helper";

/// Makes the job of the text.
using LearnJob = std::function<Job&(ByteView told)>;
/// Waits for its lesson, answers requests until its rank is gone, and ends the process. While the
/// rank is stopped so are its helpers, and what they have started.
[[noreturn]] void be_zygote(const LearnJob& learn, HelperCell* cells, int control);

}  // namespace taskrun
