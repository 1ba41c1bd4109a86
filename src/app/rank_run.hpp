// SPDX-License-Identifier: MIT
// One rank's part in a run, whatever carries its messages; on rank 0 also what is shown and
// written.
#pragma once

#include <exception>
#include <optional>

#include "app/command_line.hpp"
#include "app/launcher.hpp"
#include "app/rank_watch.hpp"
#include "app/supervision.hpp"
#include "taskrun/core/wakeup.hpp"
#include "taskrun/net/launched_rank.hpp"
#include "taskrun/net/transport.hpp"

namespace taskrun {

/// How a rank's part ended.
struct Ending {
  int exit_code = 0;
  std::exception_ptr failure;  ///< what ended the run early; not yet told
  /// The job's code still runs in threads that use the job and the wake-up: the process must end
  /// before these do.
  bool stuck = false;
};

/// To the end of the run. Throws nothing that happens after the run began.
Ending run_rank(CommandLine& line, const std::optional<LaunchedRank>& launched,
                const StandardStreams& streams, Transport& transport, Wakeup& wakeup,
                const Supervision& supervision, const RankWatch& watch);

}  // namespace taskrun
