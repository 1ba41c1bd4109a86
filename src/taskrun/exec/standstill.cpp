// SPDX-License-Identifier: MIT
#include "taskrun/exec/standstill.hpp"

#include <signal.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

namespace taskrun {
namespace {

namespace fs = std::filesystem;

// Of all its threads.
void add_children(pid_t process, std::vector<pid_t>& all) {
  std::error_code gone;
  const fs::path threads = "/proc/" + std::to_string(process) + "/task";
  for (fs::directory_iterator thread(threads, gone), end; !gone && thread != end;
       thread.increment(gone)) {
    std::ifstream listed(thread->path() / "children");
    for (pid_t child = 0; listed >> child;) all.push_back(child);
  }
}

}  // namespace

char process_state(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(in, line);
  // PID (NAME) STATE: a name may hold anything.
  const auto name_end = line.rfind(") ");
  return name_end == line.npos || name_end + 2 >= line.size() ? '\0' : line[name_end + 2];
}

void Standstill::stop_descendants(pid_t process) {
  std::vector<pid_t> descendants;
  add_children(process, descendants);
  for (std::size_t i = 0; i < descendants.size(); ++i) {
    const pid_t one = descendants[i];
    const char state = process_state(one);
    // Stopped first, so that its children are all there are.
    if (state != 'T' && state != 'Z' && kill(one, SIGSTOP) == 0) stopped_.push_back(one);
    add_children(one, descendants);
  }
}

void Standstill::go_on() {
  for (const pid_t process : stopped_) kill(process, SIGCONT);
  stopped_.clear();
}

}  // namespace taskrun
