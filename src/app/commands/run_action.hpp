// SPDX-License-Identifier: MIT
// What commands do that run a job here: this rank's part of it.
#pragma once

#include "app/commands/start_ranks.hpp"
#include "app/run_job.hpp"

namespace taskrun {

class RunAction final : public Action {
 public:
  int run(CommandLine& line, ProgramStart& start) override {
    refuse_lone_task(line);
    return run_job(line, start);
  }
};

}  // namespace taskrun
