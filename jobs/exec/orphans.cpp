// SPDX-License-Identifier: MIT
#include "exec/orphans.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <vector>

namespace taskrun {
namespace {

// Rounds of killing what a command has left behind: what forks faster than that is left to the end
// of this process.
constexpr int kill_rounds = 100;

std::vector<pid_t> children() {
  std::ifstream listed("/proc/thread-self/children");
  return {std::istream_iterator<pid_t>(listed), {}};
}

// Waits for it where it has ended.
bool has_ended(pid_t child) { return waitpid(child, nullptr, WNOHANG) != 0; }

}  // namespace

bool inherits_orphans() {
  int does = 0;
  return prctl(PR_GET_CHILD_SUBREAPER, &does) == 0 && does != 0;
}

void end_orphans() {
  for (int round = 0; round < kill_rounds; ++round) {
    pid_t ended = 0;
    while ((ended = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (ended < 0) return;  // there are none
    const std::vector<pid_t> left = children();
    for (const pid_t child : left) kill(child, SIGKILL);
    for (const pid_t child : left) waitpid(child, nullptr, 0);
  }
}

bool Orphans::any_left() {
  bool any = false;
  for (const pid_t child : children()) {
    if (child == leader_ || has_ended(child)) continue;
    any = true;
    if (getpgid(child) == leader_ || !asked_.insert(child).second) continue;
    kill(child, SIGTERM);
    kill(child, SIGCONT);
  }
  return any;
}

}  // namespace taskrun
