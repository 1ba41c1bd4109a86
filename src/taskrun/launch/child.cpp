// SPDX-License-Identifier: MIT
#include "taskrun/launch/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "taskrun/core/error.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/os/descriptor_limit.hpp"
#include "taskrun/os/pidfd.hpp"
#include "taskrun/os/pipe.hpp"

namespace taskrun {
namespace {

// For the kernel to end what was killed.
constexpr Duration kill_deadline = std::chrono::seconds(2);

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// In the child. A parent that died before the kernel was told is not told of: it is looked for.
void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
}

[[noreturn]] void become(const ChildCommand& command, pid_t parent, int err, int trouble) {
  setpgid(0, 0);
  die_with(parent);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  rlimit limit = first_descriptor_limit();
  const rlim_t least = std::min<rlim_t>(command.least_descriptors, limit.rlim_max);
  limit.rlim_cur = std::max(limit.rlim_cur, least);
  restore_descriptor_limit(limit);
  for (const auto& setting : command.environment) putenv(const_cast<char*>(setting.c_str()));
  if (command.in != STDIN_FILENO) dup2(command.in, STDIN_FILENO);
  if (command.out != STDOUT_FILENO) dup2(command.out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  const auto arguments = pointers_to(command.arguments);
  execvp(arguments[0], arguments.data());
  const int error = errno;
  [[maybe_unused]] const auto written = write(trouble, &error, sizeof error);
  _exit(127);
}

}  // namespace

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

void end_children() {
  const Time until = steady_now() + kill_deadline;
  const std::string self = std::to_string(getpid());
  while (steady_now() < until) {
    // Whoever dies here may leave new orphans: those are found in the next round.
    std::ifstream children("/proc/self/task/" + self + "/children");
    for (pid_t child = 0; children >> child;) kill(child, SIGKILL);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    siginfo_t ignored{};
    if (waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD) return;
    poll(nullptr, 0, 1);
  }
}

Child::Child(const ChildCommand& command) {
  Pipe err = make_pipe();
  Pipe trouble = make_pipe();
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) throw_system_failure("start a process for " + command.arguments.front());
  if (process_ == 0) become(command, parent, err.writer.fd(), trouble.writer.fd());
  setpgid(process_, process_);  // whoever comes first
  handle_ = process_descriptor(process_);
  const int unwatched = handle_.open() ? 0 : errno;
  trouble.writer.reset();
  int error = 0;
  if (read(trouble.reader.fd(), &error, sizeof error) == sizeof error) {
    waitpid(process_, nullptr, 0);
    throw environment_error(command.arguments.front() +
                            " cannot be started: " + std::strerror(error) +
                            "; is Open MPI installed, and its bin folder in PATH?");
  }
  if (unwatched != 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    throw_system_failure("watch the process of " + command.arguments.front(), unwatched);
  }
  fcntl(err.reader.fd(), F_SETFL, O_NONBLOCK);
  err_ = std::move(err.reader);
}

Child::~Child() {
  if (process_ < 0 || status_) return;
  kill(-process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void Child::signal(int number) const {
  // Once reaped the number may be another's.
  if (status_) return;
  kill(number == SIGKILL ? -process_ : process_, number);
  kill(process_, SIGCONT);
}

void Child::suspend() const {
  if (!status_) kill(process_, SIGTSTP);
}

void Child::go_on() const {
  if (!status_) kill(process_, SIGCONT);
}

std::optional<int> Child::reap() {
  siginfo_t ended{};
  const auto id = static_cast<id_t>(process_);
  if (!status_ && waitid(P_PID, id, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      ended.si_pid == process_) {
    // What it left in its group, while the number is certainly the group's.
    kill(-process_, SIGKILL);
    int status = 0;
    rusage counted{};
    wait4(process_, &status, 0, &counted);
    status_ = status;
    processor_time_ = duration_of(counted.ru_utime) + duration_of(counted.ru_stime);
    largest_bytes_ = static_cast<std::uint64_t>(counted.ru_maxrss) * 1024;  // it counts in KiB
  }
  return status_;
}

}  // namespace taskrun
