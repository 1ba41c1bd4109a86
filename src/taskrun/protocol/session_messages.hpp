// SPDX-License-Identifier: MIT
// What rank 0 says to the other ranks beside any run: which runs there are. These frames are of no
// run.
#pragma once

#include <variant>

#include "taskrun/core/ids.hpp"
#include "taskrun/protocol/frame.hpp"
#include "taskrun/protocol/job_spec.hpp"
#include "taskrun/protocol/messages.hpp"

namespace taskrun {

/// A run begins: the rank makes the job, and says hello to the run's coordinator.
struct StartRun {
  RunId run;
  JobSpec job;
  ProcessName process;  ///< rank 0's
};

/// No more runs will begin.
struct CloseSession {};

using ToRank = std::variant<StartRun, CloseSession>;

Frame encode_message(const ToRank& message);
/// Throws CorruptData.
ToRank decode_to_rank(const Frame& frame);

}  // namespace taskrun
