// SPDX-License-Identifier: MIT
#include "exec/memory_group.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace taskrun {
namespace {

namespace fs = std::filesystem;

constexpr const char* name_begin = "taskrun-command-";
// The kernel needs a moment to see that a group is empty.
constexpr int removal_tries = 50;

// Where groups may be made, and what the kernel calls things there.
struct Place {
  fs::path folder;
  const char* limit;
  const char* events;
};

bool write_text(const fs::path& file, const std::string& text) {
  const Descriptor to(open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return to.open() &&
         ::write(to.fd(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool has_word(const fs::path& file, const std::string& wanted) {
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    if (word == wanted) return true;
  }
  return false;
}

// Lines: "0::/path" (version 2) or "4:memory:/path" (version 1). In version 2 a group that has
// processes has no groups with limits below it.
std::optional<Place> place_of_line(const std::string& line) {
  const auto first = line.find(':');
  const auto second = line.find(':', first + 1);
  if (second == line.npos) return std::nullopt;
  const std::string controllers = line.substr(first + 1, second - first - 1);
  const fs::path group = fs::path(line.substr(second + 1)).relative_path();
  if (controllers == "memory") {
    return Place{"/sys/fs/cgroup/memory" / group, "memory.limit_in_bytes", "memory.oom_control"};
  }
  if (!controllers.empty()) return std::nullopt;
  const fs::path own = "/sys/fs/cgroup" / group;
  const fs::path folder = group.empty() ? own : own.parent_path();
  if (!has_word(folder / "cgroup.subtree_control", "memory")) return std::nullopt;
  return Place{folder, "memory.max", "memory.events"};
}

std::optional<Place> find_place() {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto place = place_of_line(line);
    if (place && access(place->folder.c_str(), W_OK) == 0) return place;
  }
  return std::nullopt;
}

// Groups of processes that were killed.
void remove_abandoned(const fs::path& folder) {
  std::error_code gone;
  for (fs::directory_iterator entry(folder, gone), end; !gone && entry != end;
       entry.increment(gone)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(name_begin)) continue;
    const auto owner = static_cast<pid_t>(std::atoi(name.c_str() + sizeof "taskrun-command-" - 1));
    if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) rmdir(entry->path().c_str());
  }
}

}  // namespace

std::unique_ptr<MemoryGroup> MemoryGroup::make(std::uint64_t limit_bytes) {
  const auto place = find_place();
  if (!place) return nullptr;
  remove_abandoned(place->folder);
  const fs::path folder = place->folder / (name_begin + std::to_string(getpid()));
  if (mkdir(folder.c_str(), 0755) != 0) return nullptr;
  Descriptor entrance;
  if (write_text(folder / place->limit, std::to_string(limit_bytes))) {
    entrance.reset(open((folder / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  }
  if (!entrance.open()) {
    rmdir(folder.c_str());
    return nullptr;
  }
  // Of version 2: all of it, not the largest alone.
  write_text(folder / "memory.oom.group", "1");
  return std::unique_ptr<MemoryGroup>(new MemoryGroup(folder, std::move(entrance), place->events));
}

MemoryGroup::~MemoryGroup() {
  for (int i = 0; i < removal_tries && rmdir(folder_.c_str()) != 0 && errno == EBUSY; ++i) {
    poll(nullptr, 0, 1);
  }
}

bool MemoryGroup::was_full() const {
  std::ifstream in(folder_ / events_);
  std::string name;
  for (std::uint64_t count = 0; in >> name >> count;) {
    if (name == "oom_kill") return count > 0;
  }
  return false;
}

}  // namespace taskrun
