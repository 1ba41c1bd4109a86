// SPDX-License-Identifier: MIT
#include "app/run_job.hpp"

#include <cstdlib>
#include <memory>

#include "app/cli/failure.hpp"
#include "app/commands/only_chunk.hpp"
#include "app/commands/print.hpp"
#include "app/rank_run.hpp"
#include "app/rank_watch.hpp"
#include "app/ranks.hpp"
#include "taskrun/net/loopback.hpp"

namespace taskrun {

int tell(Ending& ending, const CommandLine& line) {
  if (ending.failure) {
    ending.exit_code = tell_failure(ending.failure, line.settings.secrets());
  }
  return ending.exit_code;
}

int run_here(CommandLine& line, std::unique_ptr<Zygote>& zygote, const StandardStreams& streams) {
  const Supervision alone;
  RankWatch watch(std::nullopt, alone);
  Wakeup wakeup;
  LoopbackHub hub(1);
  const auto transport = hub.connect(0, wakeup);
  Ending ending = run_rank(line, zygote, std::nullopt, streams, *transport, wakeup, alone, watch);
  const int exit_code = tell(ending, line);
  if (ending.stuck) std::_Exit(exit_code);
  return exit_code;
}

int run_job(CommandLine& line, const ProgramStart& start) {
  const auto& launched = start.launched;
  if (line.settings.isolation.only_chunk) {
    // One rank is enough for one chunk.
    return print_by(start, [&](const WriteText& write) { compute_only_chunk(line, write); });
  }
  std::unique_ptr<Zygote> zygote = make_zygote(line, launched);
  return launched ? run_launched(line, zygote, *launched, start.streams, start.supervision)
                  : run_here(line, zygote, start.streams);
}

}  // namespace taskrun
