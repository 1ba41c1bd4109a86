// SPDX-License-Identifier: MIT
#include "launched_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// For what must come soon on a machine that is busy.
constexpr auto soon = std::chrono::seconds(60);
constexpr int poll_milliseconds = 5;

// Whether it becomes true in time.
template <class Condition>
bool await_true(std::chrono::seconds at_most, const Condition& condition) {
  const auto until = Clock::now() + at_most;
  while (!condition()) {
    if (Clock::now() >= until) return false;
    poll(nullptr, 0, poll_milliseconds);
  }
  return true;
}

std::ifstream proc_file(pid_t process, const char* name) {
  return std::ifstream("/proc/" + std::to_string(process) + "/" + name);
}

// It may end meanwhile, so these are read with getline, which does not throw then.
std::string proc_line(pid_t process, const char* name) {
  std::ifstream in = proc_file(process, name);
  std::string line;
  std::getline(in, line);
  return line;
}

// The variables that a process was started with.
std::vector<std::string> variables_of(pid_t process) {
  std::vector<std::string> variables;
  std::ifstream in = proc_file(process, "environ");
  for (std::string one; std::getline(in, one, '\0');) variables.push_back(one);
  return variables;
}

char state_of(pid_t process) {
  const std::string stat = proc_line(process, "stat");
  const auto end_of_name = stat.rfind(") ");
  return end_of_name == std::string::npos ? 'Z' : stat[end_of_name + 2];
}

std::optional<RunProcess> tagged(pid_t process, const std::string& tag) {
  const auto variables = variables_of(process);
  if (std::find(variables.begin(), variables.end(), tag) == variables.end()) return std::nullopt;
  RunProcess found;
  found.id = process;
  found.state = state_of(process);
  if (found.state == 'Z') return std::nullopt;
  found.name = proc_line(process, "comm");
  const std::string rank = "OMPI_COMM_WORLD_RANK=";
  for (const auto& variable : variables) {
    if (variable.starts_with(rank)) found.rank = std::stoi(variable.substr(rank.size()));
  }
  return found;
}

int file_for_writing(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

[[noreturn]] void become(const Command& command, const std::string& tag,
                         const ScratchFolder& folder) {
  setpgid(0, 0);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  dup2(file_for_writing(folder.file("out")), 1);
  dup2(file_for_writing(folder.file("err")), 2);
  putenv(const_cast<char*>(tag.c_str()));
  execute(command);
}

}  // namespace

LaunchedRun::LaunchedRun(const Command& command) : deadline_(Clock::now() + command.deadline) {
  tag_ = "TASKRUN_TEST_TAG=" + folder_.path();
  supervisor_ = fork();
  if (supervisor_ < 0) throw std::runtime_error("no process");
  if (supervisor_ == 0) become(command, tag_, folder_);
}

LaunchedRun::~LaunchedRun() {
  for (const auto& process : processes()) kill(process.id, SIGKILL);
  if (!ended_) waitpid(supervisor_, nullptr, 0);
}

std::vector<RunProcess> LaunchedRun::processes() const {
  std::vector<RunProcess> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (auto process = tagged(std::stoi(name), tag_)) found.push_back(std::move(*process));
  }
  return found;
}

pid_t LaunchedRun::await(const std::string& name, const Wanted& wanted) const {
  pid_t found = 0;
  const auto find = [&] {
    const auto all = processes();
    const auto process = std::find_if(all.begin(), all.end(), wanted);
    if (process != all.end()) found = process->id;
    return found != 0;
  };
  if (!await_true(soon, find)) throw std::runtime_error("no such process came: " + name);
  return found;
}

pid_t LaunchedRun::rank(int number) const {
  return await("a rank", [number](const RunProcess& p) {
    return p.rank == number && !p.name.starts_with("taskrun-");
  });
}

pid_t LaunchedRun::zygote(int rank) const {
  return await("a zygote", [rank](const RunProcess& p) {
    return p.rank.value_or(0) == rank && p.name == "taskrun-zygote";
  });
}

pid_t LaunchedRun::launcher() const {
  // The mpirun of Open MPI 5 becomes prterun.
  return await("mpirun", [](const RunProcess& p) {
    return (p.name == "mpirun" || p.name == "prterun") && !p.rank;
  });
}

std::string LaunchedRun::shared_folder() const {
  const std::string name = "TASKRUN_SHARED_FOLDER=";
  for (const auto& variable : variables_of(rank(0))) {
    if (variable.starts_with(name)) return variable.substr(name.size());
  }
  return "";
}

bool LaunchedRun::wait_for_stopped(std::size_t count) const {
  return await_true(soon, [&] {
    const auto all = processes();
    const auto stopped =
        std::count_if(all.begin(), all.end(), [](const RunProcess& p) { return p.state == 'T'; });
    return static_cast<std::size_t>(stopped) >= count;
  });
}

Ended LaunchedRun::wait() {
  Ended ended;
  int status = 0;
  while (!ended_ && waitpid(supervisor_, &status, WNOHANG) == 0) {
    ended.timed_out = Clock::now() >= deadline_;
    if (ended.timed_out) break;
    poll(nullptr, 0, poll_milliseconds);
  }
  ended_ = !ended.timed_out;
  ended.exit_code = exit_code_of(status);
  ended.out = file_content(folder_.file("out"));
  ended.err = file_content(folder_.file("err"));
  return ended;
}

std::size_t LaunchedRun::leftover_count() const {
  // What was killed with the program may still be dying.
  await_true(std::chrono::seconds(2), [this] { return processes().empty(); });
  return processes().size();
}

bool wait_for_lines(const std::string& path, std::size_t count) {
  return await_true(soon, [&] {
    const std::string text = file_content(path);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) >= count;
  });
}

}  // namespace taskrun::testing
