// SPDX-License-Identifier: MIT
#include "taskrun/os/tree_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "taskrun/os/descendants.hpp"

namespace taskrun {
namespace {

constexpr Duration usual_interval = std::chrono::milliseconds(50);
constexpr Duration short_interval = std::chrono::milliseconds(10);
constexpr std::uint64_t bytes_per_kb_of_proc = 1024;  // as Linux has it

std::string file_of(pid_t process, const char* name) {
  return "/proc/" + std::to_string(process) + "/" + name;
}

// Shared pages count for each process.
std::uint64_t resident_bytes(pid_t process) {
  std::ifstream in(file_of(process, "statm"));
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Its part of them; nothing where it cannot be had.
std::uint64_t own_part_bytes(pid_t process) {
  std::ifstream in(file_of(process, "smaps_rollup"));
  std::uint64_t kilobytes = 0;
  bool known = false;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("Pss:") && !line.starts_with("SwapPss:")) continue;
    kilobytes += std::strtoull(line.c_str() + line.find(':') + 1, nullptr, 10);
    known = true;
  }
  return known ? kilobytes * bytes_per_kb_of_proc : resident_bytes(process);
}

template <class BytesOf>
std::uint64_t sum(const std::vector<pid_t>& processes, BytesOf bytes_of) {
  std::uint64_t bytes = 0;
  for (const pid_t process : processes) bytes += bytes_of(process);
  return bytes;
}

}  // namespace

std::string megabytes_text(std::uint64_t bytes) {
  constexpr std::uint64_t megabyte = 1'000'000;
  return std::to_string((bytes + megabyte / 2) / megabyte) + " MB";
}

std::uint64_t TreeMemory::look(std::uint64_t limit_bytes) {
  std::vector<pid_t> processes = descendants_of(process_);
  if (root_ == Root::counts) processes.push_back(process_);
  last_bytes_ = sum(processes, resident_bytes);
  if (last_bytes_ > limit_bytes) last_bytes_ = sum(processes, own_part_bytes);
  peak_bytes_ = std::max(peak_bytes_, last_bytes_);
  return last_bytes_;
}

std::uint64_t TreeMemory::take_peak_bytes() { return std::exchange(peak_bytes_, 0); }

Duration TreeMemory::interval(std::uint64_t limit_bytes) const {
  return last_bytes_ > limit_bytes / 2 ? short_interval : usual_interval;
}

}  // namespace taskrun
