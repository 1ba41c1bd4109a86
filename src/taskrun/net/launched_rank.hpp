// SPDX-License-Identifier: MIT
// What a launcher (mpirun, srun) told this process through environment variables. No MPI call, and
// no MPI needed: a program built without it can say clearly that it was started as one of many.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace taskrun {

/// One process of those that a launcher started together.
struct LaunchedRank {
  std::uint32_t rank = 0;
  std::uint32_t size = 1;        ///< ranks in all
  std::uint32_t local_size = 1;  ///< ranks on this host, this one included
};

/// The value of an environment variable, null where it is not set.
using VariableReader = std::function<const char*(const char* name)>;

/// Nothing where no launcher started this process, or what it says makes no sense.
std::optional<LaunchedRank> launched_rank();
std::optional<LaunchedRank> launched_rank(const VariableReader& variable);

/// One of several processes that a launcher started together, without making ranks of them: each
/// would do everything.
struct LoneTask {
  std::string launcher;
  std::uint32_t number = 0;  ///< of this one
  std::uint32_t count = 0;   ///< of them; 0 where the launcher does not say
  std::string remedy;        ///< how ranks are started there
  std::string variable;      ///< without it this one counts as started by itself
};

/// Nothing for a rank, and for a process that no launcher started, or one alone.
std::optional<LoneTask> lone_task();
std::optional<LoneTask> lone_task(const VariableReader& variable);

}  // namespace taskrun
