// SPDX-License-Identifier: MIT
#include "taskrun/launch/process_state.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace taskrun {
namespace {

namespace fs = std::filesystem;

// As the kernel names it: T stopped, t traced, D in a call that nothing interrupts.
char state_in(const fs::path& stat_file) {
  std::ifstream in(stat_file);
  std::string line;
  std::getline(in, line);
  const auto end_of_name = line.rfind(") ");
  return end_of_name == std::string::npos || end_of_name + 2 >= line.size() ? '?'
                                                                            : line[end_of_name + 2];
}

bool any_thread_waits_for_a_disk(const fs::path& process) {
  std::error_code ignored;
  for (const auto& thread : fs::directory_iterator(process / "task", ignored)) {
    if (state_in(thread.path() / "stat") == 'D') return true;
  }
  return false;
}

std::vector<std::string> words_of(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/cmdline");
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) words.push_back(word);
  return words;
}

// The words that each child of the process was started with.
std::vector<std::vector<std::string>> commands_of_children(pid_t process) {
  std::vector<std::vector<std::string>> commands;
  std::error_code ignored;
  for (const auto& thread :
       fs::directory_iterator("/proc/" + std::to_string(process) + "/task", ignored)) {
    std::ifstream children(thread.path() / "children");
    for (pid_t child = 0; children >> child;) commands.push_back(words_of(child));
  }
  return commands;
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string hosts_being_reached(pid_t launcher, const std::vector<std::string>& hosts) {
  constexpr std::size_t most_named = 5;
  std::string names;
  std::size_t count = 0;
  for (const auto& words : commands_of_children(launcher)) {
    const auto host = std::find_if(hosts.begin(), hosts.end(), [&](const std::string& h) {
      return holds(words, h) || holds(words, h.substr(h.find('@') + 1));
    });
    if (host == hosts.end() || ++count > most_named) continue;
    names += (names.empty() ? "host " : ", ") + *host;
  }
  if (count > most_named) names += " and " + std::to_string(count - most_named) + " more";
  return names;
}

ProcessState state_of_process(pid_t process) {
  const std::string number = std::to_string(process);
  const fs::path folder = "/proc/" + number;
  const char state = state_in(folder / "stat");
  if (state == 't') return {"a debugger holds it", true};
  if (state == 'T') return {"it is stopped (kill -CONT " + number + " lets it go on)", false};
  if (any_thread_waits_for_a_disk(folder)) return {"it waits for a disk or a file server", false};
  return {};
}

}  // namespace taskrun
