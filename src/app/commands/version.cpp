// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <boost/version.hpp>

#include "app/cli/command_line.hpp"
#include "app/commands/print.hpp"
#include "app/program_version.hpp"
#include "app/ranks.hpp"

namespace taskrun {
namespace {

std::string compiler() {
#if defined(__clang__)
  return fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string version_text() {
  return fmt::format("taskrun {}\ncommit: {}\ncompiler: {}\nMPI: {}\nBoost: {}.{}.{}\n",
                     program_version(), program_commit(), compiler(), mpi_version(),
                     BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
}

class VersionAction final : public Action {
 public:
  int run(CommandLine&, ProgramStart& start) override { return print(start, version_text); }
};

}  // namespace

const char* program_version() { return TASKRUN_VERSION; }

Command command_version() {
  return {.name = "version",
          .help = "show the versions of the program and its libraries",
          .examples = {{"version", "attach this to a report of a fault"}},
          .run_options = Command::RunOptions::allowed,
          .make = make_action<VersionAction>};
}

}  // namespace taskrun
