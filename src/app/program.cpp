// SPDX-License-Identifier: MIT
#include "app/program.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/failure.hpp"
#include "app/commands/commands.hpp"
#include "app/launcher.hpp"
#include "app/output.hpp"
#include "app/standard_streams.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/launch/rank_environment.hpp"
#include "taskrun/os/descriptor_limit.hpp"
#include "taskrun/os/passed_input.hpp"

namespace taskrun {
namespace {

/// Another process says why.
struct AlreadyTold {};

struct Start {
  std::string program;  // its name
  std::optional<LaunchedRank> launched;
  StandardStreams streams;
  Supervision supervision;
  Secrets secrets = Secrets::masked;  // until the line says otherwise

  bool is_first_rank() const { return !launched || launched->rank == 0; }
};

// Every rank comes to the same end by itself; rank 0 tells it. The others end well: a launcher
// kills the whole run at the first rank that does not, before rank 0 has spoken.
int told_by_first_rank(const Start& start, const std::exception_ptr& failure) {
  return start.is_first_rank() ? tell_failure(failure, start.secrets)
                               : static_cast<int>(ExitCode::complete);
}

int print_by(const Start& start, const std::function<void(const WriteText&)>& tell) {
  if (!start.is_first_rank()) return static_cast<int>(ExitCode::complete);
  const bool far = start.launched && start.streams.through_launcher;
  const auto launcher_out = far ? launcher_stdout() : std::nullopt;
  const int out = launcher_out ? launcher_out->fd() : start.streams.out;
  tell([out](std::string_view text) { write_text(out, text); });
  return static_cast<int>(ExitCode::complete);
}

int print(const Start& start, const std::string& text) {
  return print_by(start, [&](const WriteText& write) { write(text); });
}

// What starts mpirun must not be started by it.
int start_ranks(CommandLine& line, const Start& start) {
  const bool compares = line.command == CommandLine::Command::compare;
  const std::string name = compares ? "compare" : "launch";
  if (start.launched) {
    return told_by_first_rank(
        start,
        std::make_exception_ptr(usage_error(
            name + " starts mpirun itself; start it without mpirun, or leave '" + name + "' out")));
  }
  return compares ? compare_command(line, start.streams) : launch_command(line, start.streams);
}

// Each of the tasks would run everything, and write over what the others write. One says so.
void refuse_lone_task(const CommandLine& line) {
  const auto task = lone_task();
  if (!task) return;
  if (task->number != 0) throw AlreadyTold();
  const std::string times =
      task->count == 0 ? "as a task" : std::to_string(task->count) + " times, as tasks";
  throw usage_error(task->launcher + " started this program " + times +
                    " that know nothing of each other: each would run everything; " + task->remedy +
                    " (if that is what you want: env -u " + task->variable + " " + line.program +
                    " …)");
}

// Where only the first rank looks.
int print_look(const Start& start, const CommandLine& line) {
  if (!start.is_first_rank()) return static_cast<int>(ExitCode::complete);
  if (line.command == CommandLine::Command::status) {
    return print(start, line.look.as_json ? status_json(line.file, line.program, *line.jobs)
                                          : status_text(line.file, line.program));
  }
  const auto what = line.look.failed_only ? LogOf::failed_chunks : LogOf::attempts;
  const auto form = line.look.as_json ? LogForm::json : LogForm::table;
  return print_by(start, [&](const WriteText& write) { write_log(line.file, what, form, write); });
}

std::string help_page(const CommandLine& line, const std::string& program, const Registry& jobs) {
  if (line.entry != nullptr) return job_help_text(program, *line.entry, line.params, line.topic);
  return line.topic == nullptr ? help_text(program, jobs) : command_help_text(program, *line.topic);
}

int obey(CommandLine& line, const Start& start, const Registry& jobs) {
  switch (line.command) {
    case CommandLine::Command::list:
      return print(start, list_text(jobs));
    case CommandLine::Command::describe:
      return print(start, start.is_first_rank() ? describe_text(line) : "");
    case CommandLine::Command::help:
      return print(start, help_page(line, start.program, jobs));
    case CommandLine::Command::version:
      return print(start, version_text());
    case CommandLine::Command::launch:
    case CommandLine::Command::compare:
      refuse_lone_task(line);
      return start_ranks(line, start);
    case CommandLine::Command::status:
    case CommandLine::Command::log:
      return print_look(start, line);
    case CommandLine::Command::run:
    case CommandLine::Command::resume:
      refuse_lone_task(line);
      break;
  }
  return run_command(line, start.launched, start.streams, start.supervision);
}

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

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// With less some threads, and Open MPI, end without a word.
void expect_stack() {
  constexpr rlim_t least_bytes = 256 << 10;
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= least_bytes) return;
  throw environment_error("a stack of " + std::to_string(limit.rlim_cur >> 10) +
                          " KiB is too small; raise ulimit -s to 1024");
}

int run_program(Start& start, int argc, const char* const* argv, const Registry& jobs) {
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
      line = parse_command_line({argv + (argc > 0 ? 1 : 0), argv + argc}, jobs,
                                argc > 0 ? argv[0] : start.program);
    } catch (...) {
      return told_by_first_rank(start, std::current_exception());
    }
    start.secrets = line->settings.secrets();
    return obey(*line, start, jobs);
  } catch (const AlreadyTold&) {
    return static_cast<int>(ExitCode::usage);
  } catch (...) {
    return tell_failure(std::current_exception(), start.secrets);
  }
}

}  // namespace

int run_program(int argc, const char* const* argv, const Registry& jobs) {
  std::set_terminate(early_failures.usual());
  Start start;
  const int exit_code = run_program(start, argc, argv, jobs);
  start.supervision.tell_verdict(exit_code);
  const bool by_launcher_alone = start.launched && !start.supervision.supervised();
  if (by_launcher_alone && exit_code != 0) let_launcher_read(STDERR_FILENO);
  return exit_code;
}

}  // namespace taskrun
