// SPDX-License-Identifier: MIT
#include "taskrun/os/process_tree.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace taskrun {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t bytes_per_kilobyte = 1024;  // as Linux has it

// As far as it could be read: a process may end between any two steps, and getline, unlike an
// iterator over the buffer, does not throw then.
std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::string text;
  std::getline(in, text, '\0');
  return text;
}

std::vector<fs::path> threads_of(pid_t process) {
  std::vector<fs::path> threads;
  std::error_code gone;
  const fs::path folder = "/proc/" + std::to_string(process) + "/task";
  for (fs::directory_iterator entry(folder, gone), end; !gone && entry != end;
       entry.increment(gone)) {
    threads.push_back(entry->path());
  }
  return threads;
}

}  // namespace

std::uint64_t peak_memory_in(std::string_view status) {
  constexpr std::string_view name = "VmHWM:";
  const auto found = status.find(name);
  if (found == status.npos) return 0;
  const auto digits = status.find_first_not_of(" \t", found + name.size());
  if (digits == status.npos) return 0;
  std::uint64_t kilobytes = 0;
  std::from_chars(status.data() + digits, status.data() + status.size(), kilobytes);
  return kilobytes * bytes_per_kilobyte;
}

void ProcessTree::look() { peak_memory_bytes_ = std::max(peak_memory_bytes_, look_at(root_)); }

Duration ProcessTree::queued_time() const {
  Duration sum{};
  for (const auto& [thread, queued] : queued_) sum += queued;
  return sum;
}

// The memory of the process and of those below it.
std::uint64_t ProcessTree::look_at(pid_t process) {
  std::uint64_t memory_bytes =
      peak_memory_in(text_of("/proc/" + std::to_string(process) + "/status"));
  for (const fs::path& thread : threads_of(process)) {
    // Nanoseconds on a processor, and in its queue.
    std::ifstream times(thread / "schedstat");
    std::int64_t running = 0;
    std::int64_t queued = 0;
    if (times >> running >> queued) {
      queued_[static_cast<pid_t>(std::stoi(thread.filename()))] = std::chrono::nanoseconds(queued);
    }
    std::ifstream children(thread / "children");
    for (pid_t child = 0; children >> child;) memory_bytes += look_at(child);
  }
  return memory_bytes;
}

}  // namespace taskrun
