// SPDX-License-Identifier: MIT
#include "taskrun/os/descendants.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>

namespace taskrun {

namespace fs = std::filesystem;

void add_children(pid_t process, std::vector<pid_t>& all) {
  std::error_code gone;
  const fs::path threads = "/proc/" + std::to_string(process) + "/task";
  for (fs::directory_iterator thread(threads, gone), end; !gone && thread != end;
       thread.increment(gone)) {
    std::ifstream listed(thread->path() / "children");
    for (pid_t child = 0; listed >> child;) all.push_back(child);
  }
}

std::vector<pid_t> descendants_of(pid_t process) {
  std::vector<pid_t> all;
  add_children(process, all);
  for (std::size_t i = 0; i < all.size(); ++i) add_children(all[i], all);
  return all;
}

char process_state(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(in, line);
  // PID (NAME) STATE: a name may hold anything.
  const auto name_end = line.rfind(") ");
  return name_end == line.npos || name_end + 2 >= line.size() ? '\0' : line[name_end + 2];
}

std::string process_name(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/comm");
  std::string name;
  std::getline(in, name);
  return name;
}

}  // namespace taskrun
