// SPDX-License-Identifier: MIT
// One rank's part in a run, whatever carries its messages; on rank 0 also what is shown and
// written.
#pragma once

#include <exception>
#include <memory>
#include <optional>

#include "app/cli/command_line.hpp"
#include "app/machine.hpp"
#include "app/rank_watch.hpp"
#include "app/standard_streams.hpp"
#include "app/supervision.hpp"
#include "taskrun/exec/zygote.hpp"
#include "taskrun/net/launched_rank.hpp"
#include "taskrun/net/transport.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

/// How a rank's part ended.
struct Ending {
  int exit_code = 0;
  std::exception_ptr failure;  ///< what ended the run early; not yet told
  /// The job's code, or a disk that never returns, still holds threads that use the job and the
  /// wake-up: the process must end before these do.
  bool stuck = false;
};

/// Where chunks are isolated, if the line or its job wants that; else none. A run that is resumed
/// does not know its job yet: its zygote is taught later, or found needless. To be called before
/// there are threads and MPI; the line outlives it.
std::unique_ptr<Zygote> make_zygote(CommandLine& line, const std::optional<LaunchedRank>& launched);

/// To the end of the run. Throws nothing that happens after the run began.
Ending run_rank(CommandLine& line, std::unique_ptr<Zygote>& zygote,
                const std::optional<LaunchedRank>& launched, const StandardStreams& streams,
                Transport& transport, Wakeup& wakeup, const Supervision& supervision,
                RankWatch& watch);

}  // namespace taskrun
