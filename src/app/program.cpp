// SPDX-License-Identifier: MIT
#include "app/program.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command_line.hpp"
#include "app/cli/failure.hpp"
#include "app/commands/commands.hpp"
#include "app/commands/start_ranks.hpp"
#include "app/launcher.hpp"
#include "app/program_start.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/launch/rank_environment.hpp"
#include "taskrun/os/descriptor_limit.hpp"
#include "taskrun/os/passed_input.hpp"

namespace taskrun {
namespace {

// What fails before run_program can catch it, in constructors of static objects: for want of
// memory.
class EarlyFailures {
 public:
  EarlyFailures() : usual_(std::set_terminate(tell)) {}
  std::terminate_handler usual() const { return usual_; }

 private:
  [[noreturn]] static void tell() {
    constexpr std::string_view text =
        "taskrun: there is not enough memory to start; raise ulimit -v, or the limit of the "
        "control "
        "group\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
    _exit(static_cast<int>(ExitCode::environment));
  }

  const std::terminate_handler usual_;
};
constexpr int first_of_all = 101;
__attribute__((init_priority(first_of_all))) const EarlyFailures early_failures;

// Every rank comes to the same end by itself; rank 0 tells it. The others end well: a launcher
// kills the whole run at the first rank that does not, before rank 0 has spoken.
int told_by_first_rank(const ProgramStart& start, const std::exception_ptr& failure) {
  return start.is_first_rank() ? tell_failure(failure, start.secrets)
                               : static_cast<int>(ExitCode::complete);
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// With less some threads, and Open MPI, end without a word.
void expect_stack() {
  constexpr rlim_t least_bytes = 256 << 10;
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= least_bytes) return;
  throw environment_error("a stack of " + std::to_string(limit.rlim_cur >> 10) +
                          " KiB is too small; raise ulimit -s to 1024");
}

int run_program(ProgramStart& start, int argc, const char* const* argv, const Registry& jobs) {
  // A reader that is gone is an error of write, which is handled.
  signal(SIGPIPE, SIG_IGN);
  // So is a file that may grow no more.
  signal(SIGXFSZ, SIG_IGN);
  try {
    raise_descriptor_limit();
    const RankEnvironment told = rank_environment();
    start.streams = secure_standard_streams(told.input_lost);
    expect_stack();
    start.program = argc > 0 ? file_name(argv[0]) : "taskrun";
    start.launched = launched_rank();
    start.supervision = Supervision(start.launched, told, start.streams);
    if (start.launched && start.is_first_rank() && start.streams.in_through_launcher) {
      if (const auto launcher = launcher_process()) expect_input_from(*launcher);
    }
    std::unique_ptr<CommandLine> line;
    try {
      line = parse_command_line({argv + (argc > 0 ? 1 : 0), argv + argc}, all_commands(), jobs,
                                argc > 0 ? argv[0] : start.program);
    } catch (...) {
      return told_by_first_rank(start, std::current_exception());
    }
    start.secrets = line->settings.secrets();
    return line->action->run(*line, start);
  } catch (const AlreadyTold& told) {
    return static_cast<int>(told.code);
  } catch (...) {
    return tell_failure(std::current_exception(), start.secrets);
  }
}

}  // namespace

int run_program(int argc, const char* const* argv, const Registry& jobs) {
  std::set_terminate(early_failures.usual());
  ProgramStart start;
  const int exit_code = run_program(start, argc, argv, jobs);
  start.supervision.tell_verdict(exit_code);
  const bool by_launcher_alone = start.launched && !start.supervision.supervised();
  if (by_launcher_alone && exit_code != 0) let_launcher_read(STDERR_FILENO);
  return exit_code;
}

}  // namespace taskrun
