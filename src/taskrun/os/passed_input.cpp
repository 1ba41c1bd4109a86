// SPDX-License-Identifier: MIT
#include "taskrun/os/passed_input.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

// For the signal that follows at once, on a machine that has other things to do as well.
constexpr Duration notice = std::chrono::milliseconds(250);
// For the one that follows a second later.
constexpr Duration long_notice = std::chrono::milliseconds(2500);

// Standard input is the whole process' own, and so is what holds for it.
pid_t launcher = -1;
std::atomic<Time::rep> continued_at = Time::min().time_since_epoch().count();
static_assert(std::atomic<Time::rep>::is_always_lock_free);

std::atomic<bool> is_read = false;

void on_continue(int) { continued_at = steady_now().time_since_epoch().count(); }

bool is_pipe(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

// A process closes its pipes before it counts as dead, but not before it is marked as exiting.
bool is_dying(pid_t process) {
  constexpr unsigned long exiting = 4;  // PF_EXITING of the kernel's include/linux/sched.h
  std::ifstream in("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  if (!std::getline(in, text)) return kill(process, 0) != 0 && errno == ESRCH;
  // The name may hold anything; behind it: state, four numbers, the terminal's group, flags.
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::string skipped;
  for (int i = 0; i < 6; ++i) fields >> skipped;
  unsigned long flags = 0;
  return (fields >> flags) && (flags & exiting) != 0;
}

}  // namespace

void note_input_is_read() { is_read = true; }
bool input_is_read() { return is_read; }

bool is_standard_input(std::string_view path) {
  return path == "-" || path == "/dev/stdin" || path == "/dev/fd/0" || path == "/proc/self/fd/0";
}

void expect_input_from(pid_t process) {
  launcher = process;
  struct sigaction action {};
  action.sa_handler = on_continue;
  action.sa_flags = SA_RESTART;
  sigaction(SIGCONT, &action, nullptr);
}

Duration doubt_about_input_end(Time seen) {
  if (launcher < 0 || !is_pipe(STDIN_FILENO)) return Duration::zero();
  if (is_dying(launcher)) {
    throw environment_error("the launcher died while it passed stdin on, and not all has come");
  }
  const Time continued{Time::duration(continued_at)};
  const Time certain =
      continued == Time::min() ? seen + notice : std::max(seen + notice, continued + long_notice);
  return std::max(certain - steady_now(), Duration::zero());
}

void await_input_end() {
  const Time seen = steady_now();
  for (Duration doubt{}; (doubt = doubt_about_input_end(seen)) > Duration::zero();) {
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(doubt);
    poll(nullptr, 0, static_cast<int>(whole.count()));
  }
}

}  // namespace taskrun
