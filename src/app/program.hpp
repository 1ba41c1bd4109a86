// SPDX-License-Identifier: MIT
// The whole program but for its jobs: main fills a registry and calls run_program.
#pragma once

#include "taskrun/job/registry.hpp"

namespace taskrun {

/// Does what the command line says with these jobs and returns the exit code. Catches everything;
/// what goes wrong is one line on stderr. Does not return where a job's code is still running at
/// the end: the process ends inside.
int run_program(int argc, const char* const* argv, const Registry& jobs);

}  // namespace taskrun
