// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <boost/version.hpp>

#include "app/commands/commands.hpp"
#ifdef TASKRUN_WITH_MPI
#include "taskrun/mpi/environment.hpp"
#endif

namespace taskrun {
namespace {

std::string compiler() {
#if defined(__clang__)
  return fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string mpi() {
#ifdef TASKRUN_WITH_MPI
  return MpiEnvironment::version();
#else
  return "none (built without)";
#endif
}

}  // namespace

const char* program_version() { return TASKRUN_VERSION; }

std::string version_text() {
  return fmt::format("taskrun {}\ncommit: {}\ncompiler: {}\nMPI: {}\nBoost: {}.{}.{}\n",
                     program_version(), program_commit(), compiler(), mpi(), BOOST_VERSION / 100000,
                     BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
}

}  // namespace taskrun
