// SPDX-License-Identifier: MIT
#include "taskrun/os/memory_group.hpp"

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
struct GroupPlace {
  fs::path folder;
  const char* limit;
  const char* swap_limit;
  std::string swap_bytes;  // what that is to be; without it memory is swapped out instead
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
std::optional<GroupPlace> place_of_line(const std::string& line, const fs::path& root,
                                        std::uint64_t limit_bytes) {
  const auto first = line.find(':');
  const auto second = line.find(':', first + 1);
  if (second == line.npos) return std::nullopt;
  const std::string controllers = line.substr(first + 1, second - first - 1);
  const fs::path group = fs::path(line.substr(second + 1)).relative_path();
  if (controllers == "memory") {
    return GroupPlace{root / "memory" / group, "memory.limit_in_bytes",
                      "memory.memsw.limit_in_bytes", std::to_string(limit_bytes),
                      "memory.oom_control"};
  }
  if (!controllers.empty()) return std::nullopt;
  const fs::path own = root / group;
  const fs::path folder = group.empty() ? own : own.parent_path();
  if (!has_word(folder / "cgroup.subtree_control", "memory")) return std::nullopt;
  return GroupPlace{folder, "memory.max", "memory.swap.max", "0", "memory.events"};
}

std::optional<GroupPlace> find_place(const ControlGroupFiles& files, std::uint64_t limit_bytes) {
  std::ifstream groups(files.own);
  for (std::string line; std::getline(groups, line);) {
    const auto place = place_of_line(line, files.root, limit_bytes);
    if (place && access(place->folder.c_str(), W_OK) == 0) return place;
  }
  return std::nullopt;
}

// Groups of processes that were killed.
void remove_abandoned_groups(const fs::path& folder) {
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

std::unique_ptr<MemoryGroup> MemoryGroup::make(std::uint64_t limit_bytes, const std::string& name,
                                               const ControlGroupFiles& files) {
  const auto place = find_place(files, limit_bytes);
  if (!place) return nullptr;
  remove_abandoned_groups(place->folder);
  const fs::path folder =
      place->folder / (name_begin + std::to_string(getpid()) + (name.empty() ? "" : "-") + name);
  rmdir(folder.c_str());  // of one that had our number
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return nullptr;
  Descriptor entrance;
  if (write_text(folder / place->limit, std::to_string(limit_bytes))) {
    entrance.reset(open((folder / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  }
  if (!entrance.open()) {
    rmdir(folder.c_str());
    return nullptr;
  }
  write_text(folder / place->swap_limit, place->swap_bytes);
  // Of version 2: all of it, not the largest alone.
  write_text(folder / "memory.oom.group", "1");
  return std::unique_ptr<MemoryGroup>(new MemoryGroup(folder, std::move(entrance), place->events));
}

MemoryGroup::~MemoryGroup() {
  for (int i = 0; i < removal_tries && rmdir(folder_.c_str()) != 0 && errno == EBUSY; ++i) {
    poll(nullptr, 0, 1);
  }
}

bool MemoryGroup::take(pid_t process) const {
  const std::string number = std::to_string(process);
  return write(entrance_.fd(), number.data(), number.size()) == static_cast<ssize_t>(number.size());
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
