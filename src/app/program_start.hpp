// SPDX-License-Identifier: MIT
// How this process was started.
#pragma once

#include <optional>
#include <string>

#include "app/standard_streams.hpp"
#include "app/supervision.hpp"
#include "taskrun/core/secrets.hpp"
#include "taskrun/net/launched_rank.hpp"

namespace taskrun {

struct ProgramStart {
  std::string program;  ///< its name
  std::optional<LaunchedRank> launched;
  StandardStreams streams;
  Supervision supervision;
  Secrets secrets = Secrets::masked;  ///< until the command line says otherwise

  bool is_first_rank() const { return !launched || launched->rank == 0; }
};

}  // namespace taskrun
