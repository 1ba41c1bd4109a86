// SPDX-License-Identifier: MIT
#include "exec/runner.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <vector>

#include "exec/interpreter.hpp"
#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/tree_memory.hpp"

extern char** environ;

namespace taskrun {
namespace {

// Exit codes as shells and timeout(1) have them.
constexpr int code_too_slow = 124;
constexpr int code_not_executable = 126;
constexpr int code_not_found = 127;
constexpr int code_of_signal = 128;

// 0.3 s
std::string seconds_text(Duration duration) {
  std::ostringstream text;
  text << seconds(duration) << " s";
  return text.str();
}

std::string signal_text(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : std::string("SIG") + name;
}

// What a command did not end would go on with the words of others.
std::string with_line_end(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

// Each line with the tag in front.
std::string tagged(std::string_view text, const std::string& tag) {
  std::string all;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    all.append(tag).append("\t").append(text.substr(0, end));
    text.remove_prefix(end);
  }
  return all;
}

// What launchers tell their ranks is not for commands, which may be launchers or ranks themselves.
bool is_of_launcher(std::string_view variable) {
  if (variable.starts_with("OMPI_ALLOW_RUN_AS_ROOT")) return false;
  return variable.starts_with("OMPI_") || variable.starts_with("PMIX_") ||
         variable.starts_with("PRTE_") || variable.starts_with("PMI_") ||
         variable.starts_with("TASKRUN_");
}

// Where it is not said each command of many at a time takes all cores. Of BLAS and other libraries
// that know names of their own and, where that is set, OpenMP's.
void add_thread_counts(std::uint32_t cores, std::vector<std::string>& environment) {
  constexpr std::array names{"OMP_NUM_THREADS",     "OPENBLAS_NUM_THREADS",   "MKL_NUM_THREADS",
                             "BLIS_NUM_THREADS",    "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",
                             "NUMEXPR_MAX_THREADS", "NUMBA_NUM_THREADS"};
  if (cores == 0 || std::getenv(names.front()) != nullptr) return;
  for (const char* name : names) {
    if (std::getenv(name) != nullptr) continue;
    environment.emplace_back(name);
    environment.back().append("=").append(std::to_string(cores));
  }
}

std::vector<std::string> environment_of(std::uint64_t item, const Context& context) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!is_of_launcher(*variable)) all.emplace_back(*variable);
  }
  all.push_back("TASKRUN_ITEM=" + std::to_string(item));
  all.push_back("TASKRUN_CHUNK=" + std::to_string(context.chunk() + 1));
  all.push_back("TASKRUN_ATTEMPT=" + std::to_string(context.attempt()));
  return all;
}

std::string cannot_run(const std::string& name, const std::string& why) {
  return "cannot run " + shown(name) + ": " + why;
}

std::string no_program(const std::string& name, int error) {
  const bool looked_for = error == ENOENT && name.find('/') == name.npos;
  return looked_for ? "there is no command " + shown(name) + " in PATH"
                    : cannot_run(name, system_reason(error));
}

// Its name may be meant from the folder in which it runs.
std::string file_of(const ExecProcess& process) {
  const bool elsewhere = !process.folder.empty() && !process.program.starts_with('/');
  return elsewhere ? process.folder + "/" + process.program : process.program;
}

// The kernel says no more of those that it ends for want of memory.
std::string perhaps_memory(const ExecEnd& end) {
  constexpr std::uint64_t much = 100'000'000;
  if (end.code != SIGKILL || end.memory_bytes < much) return "";
  return ", perhaps for want of memory (it had " + megabytes_text(end.memory_bytes) + ")";
}

// How a command ended, as a shell tells it, and in words; those are empty where it ended well.
struct Ending {
  int exit_code = 0;
  std::string trouble;
};

Ending told(const ExecEnd& end, const ExecProcess& process, const Context& context) {
  switch (end.how) {
    case ExecEnd::How::exited:
      if (end.code == 0) return {};
      return {end.code, "exit code " + std::to_string(end.code)};
    case ExecEnd::How::killed:
      return {code_of_signal + end.code,
              "killed by " + signal_text(end.code) + perhaps_memory(end)};
    case ExecEnd::How::not_started: {
      const std::string& name = process.words.front();
      return {end.code == ENOENT ? code_not_found : code_not_executable,
              process.program.empty()
                  ? no_program(name, end.code)
                  : cannot_run(name, why_not_started(file_of(process), end.code))};
    }
    case ExecEnd::How::no_folder:
      return {code_not_executable,
              "cannot run in " + process.folder + " (--workdir): " + system_reason(end.code)};
    case ExecEnd::How::too_slow:
      return {code_too_slow, "took longer than " + seconds_text(context.limits().time)};
    case ExecEnd::How::too_much_output:
      return {code_of_signal + SIGKILL,
              "wrote more than " + std::to_string(process.most_output_bytes) +
                  " bytes, which are left out (--max-output; any amount goes to --results)"};
    case ExecEnd::How::too_much_memory:
      return {code_of_signal + SIGKILL,
              "used more memory than --memory allows: " + megabytes_text(end.memory_bytes) +
                  " of " + megabytes_text(context.limits().memory_bytes)};
    case ExecEnd::How::unwanted:
      break;
  }
  return {code_of_signal + SIGKILL, "was stopped"};
}

}  // namespace

std::optional<std::string> ExecRunner::Programs::find(const std::string& name,
                                                      const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const auto known = files_.find(name);
  if (known != files_.end()) return known->second;
  auto file = find_program(name, folder);
  if (file) files_.emplace(name, *file);
  return file;
}

std::string command_in_brief(const std::vector<std::string>& words, Secrets secrets) {
  return in_brief(shell_words(secrets == Secrets::kept ? words : without_secrets(words)),
                  most_command_bytes);
}

void ExecRunner::require_program(const std::string& name) const {
  if (name.empty() || settings_.dry_run || find_program(name, settings_.folder)) return;
  throw usage_error(no_program(name, errno) +
                    (name.find(' ') == name.npos
                         ? ""
                         : "; is it to be split into words? Then give it alone, or with --shell"));
}

ExecTrouble ExecRunner::run(const ExecCommand& command,
                            const std::function<std::string_view()>& input, Output& out,
                            const Context& context) const {
  if (settings_.dry_run) {
    out << shell_words(command.words) << '\n';
    return {};
  }
  ExecProcess process;
  process.words = command.words;
  process.environment = environment_of(command.number, context);
  if (!settings_.keep_environment) add_thread_counts(context.limits().cores, process.environment);
  process.folder = settings_.folder;
  process.input = input;
  process.most_output_bytes = settings_.most_output_bytes;
  process.on_stopped = [&](pid_t pid) {
    const std::string id = std::to_string(pid);
    stderr_.write(
        "taskrun: warning: a command is waited for that somebody has stopped (kill -CONT " + id +
        " lets it go on): " + command_in_brief(command.words, context.limits().secrets) + "\n");
  };
  std::optional<ExecResultFiles> files;
  if (!settings_.results.empty()) {
    files.emplace(settings_.results, command.number);
    process.out_file = &files->out();
    process.err_file = &files->err();
  }
  const ExecEnd end = run(process, context);
  context.note_memory(end.memory_bytes);
  if (end.how == ExecEnd::How::unwanted) {
    // It may have said what it leaves behind; its output belongs to a try that counts.
    stderr_.write(with_line_end(settings_.tags ? tagged(end.err, command.tag) : end.err));
    throw ChunkStopped();
  }
  const Ending ending = told(end, process, context);
  const bool killed = end.how == ExecEnd::How::killed;
  const ProcessEnd process_end{killed ? ProcessEnd::How::killed : ProcessEnd::How::exited,
                               killed ? end.code : ending.exit_code};
  if (files) files->keep(ending.exit_code);
  if (end.how != ExecEnd::How::too_much_output) {
    out << (settings_.tags ? tagged(end.out, command.tag) : end.out);
    stderr_.write(with_line_end(settings_.tags ? tagged(end.err, command.tag) : end.err));
  }
  return {ending.trouble, process_end};
}

ExecEnd ExecRunner::run(ExecProcess& process, const Context& context) const {
  const auto program = programs_.find(process.words.front(), settings_.folder);
  if (!program) return {ExecEnd::How::not_started, errno, {}, {}};
  process.program = *program;
  return run_exec_process(process, context);
}

}  // namespace taskrun
