// SPDX-License-Identifier: MIT
#include "taskrun/launch/hostfile.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

Error bad_line(const std::string& path, std::size_t number, const std::string& what) {
  return usage_error("--hostfile " + path + ", line " + std::to_string(number) + ": " + what);
}

std::uint64_t slots_in(const std::string& text, const std::string& path, std::size_t number) {
  std::uint64_t slots = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), slots);
  if (error != std::errc() || end != text.data() + text.size() || slots == 0) {
    throw bad_line(path, number, "slots=" + text + " is not a number of ranks; write slots=4, say");
  }
  return slots;
}

// Spaces around the equals sign are allowed there.
std::string tidy(const std::string& line) {
  std::string text;
  for (const char c : line.substr(0, line.find('#'))) {
    const bool space = c == ' ' || c == '\t' || c == '\r';
    if (c == '=') {
      while (text.ends_with(' ')) text.pop_back();
    } else if (space && text.ends_with('=')) {
      continue;
    }
    text += space ? ' ' : c;
  }
  return text;
}

std::optional<HostEntry> entry_of(const std::string& line, const std::string& path,
                                  std::size_t number) {
  std::istringstream words(tidy(line));
  HostEntry entry;
  if (!(words >> entry.name)) return std::nullopt;
  if (entry.name.find('=') != std::string::npos) {
    throw bad_line(path, number, "it begins with " + entry.name + "; a host's name comes first");
  }
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    const std::string key = word.substr(0, equals);
    if (equals == std::string::npos) {
      throw bad_line(path, number, "'" + word + "' is too much; write: " + entry.name + " slots=4");
    }
    if (key == "slots" || key == "cpus" || key == "count") {
      entry.slots = slots_in(word.substr(equals + 1), path, number);
    }
  }
  return entry;
}

}  // namespace

std::vector<HostEntry> read_hostfile(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw usage_error("--hostfile " + path +
                      " is a directory; name a file with a host in each line");
  }
  std::ifstream in(path);
  if (!in) {
    throw usage_error("--hostfile " + path + " cannot be read: " + std::strerror(errno));
  }
  std::vector<HostEntry> hosts;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    if (auto entry = entry_of(line, path, ++number)) hosts.push_back(std::move(*entry));
  }
  if (hosts.empty()) {
    throw usage_error("--hostfile " + path +
                      " names no host; write one in each line: node1 slots=4");
  }
  return hosts;
}

std::optional<std::uint64_t> slot_count(const std::vector<HostEntry>& hosts) {
  std::uint64_t slots = 0;
  for (const auto& host : hosts) {
    if (!host.slots) return std::nullopt;
    slots += *host.slots;
  }
  return slots;
}

}  // namespace taskrun
