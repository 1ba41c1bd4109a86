// SPDX-License-Identifier: MIT
// The inside of a helper process: computes the leases that its socket brings, until its rank is
// gone. What user code does here ends this process at worst.
#pragma once

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/exec/isolation.hpp"
#include "taskrun/job/job.hpp"

namespace taskrun {

struct HelperTask {
  Job& job;  ///< as parsed: neither opened nor joined
  Grid grid;
  HelperCell& cell;
  ChunkLimits limits;        ///< of a chunk
  bool kept_by_job = false;  ///< see IsolationLimits
};

/// Ends the process.
[[noreturn]] void be_helper(const HelperTask& task, int socket);

}  // namespace taskrun
