// SPDX-License-Identifier: MIT
#include "taskrun/launch/hostfile.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>
#include <string_view>

#include "taskrun/core/byte_order_mark.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

// A hostfile of a hundred thousand hosts has some megabytes.
constexpr std::size_t most_bytes = std::size_t{64} << 20U;
// For who writes into a pipe; where nobody does, nothing would ever come.
constexpr int pipe_patience_milliseconds = 60'000;
// Beyond this a number is a slip of the keyboard.
constexpr std::uint64_t most_slots_of_host = 1'000'000;
constexpr std::size_t longest_name = 253;

// --- the file

Error bad_file(const std::string& path, const std::string& what) {
  return usage_error("--hostfile " + path + " " + what);
}

Descriptor open_hostfile(const std::string& path) {
  // Opening a pipe does not wait for its writer.
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.open()) throw bad_file(path, "cannot be read: " + system_reason(errno));
  struct stat status {};
  if (fstat(file.fd(), &status) == 0 && S_ISDIR(status.st_mode)) {
    throw bad_file(path, "is a directory; name a file with a host in each line");
  }
  return file;
}

void wait_for_bytes(const Descriptor& file, const std::string& path) {
  pollfd polled{file.fd(), POLLIN, 0};
  if (poll(&polled, 1, pipe_patience_milliseconds) == 0) {
    throw bad_file(path, "is a pipe into which nobody writes");
  }
}

std::string content_of(const std::string& path) {
  const Descriptor file = open_hostfile(path);
  std::string content;
  std::array<char, 65536> buffer;
  wait_for_bytes(file, path);
  for (;;) {
    const ssize_t size = read(file.fd(), buffer.data(), buffer.size());
    if (size == 0) return content;
    if (size > 0) {
      content.append(buffer.data(), static_cast<std::size_t>(size));
    } else if (errno == EAGAIN) {
      wait_for_bytes(file, path);
    } else if (errno != EINTR) {
      throw bad_file(path, "cannot be read: " + system_reason(errno));
    }
    if (content.size() > most_bytes) throw bad_file(path, "is too large for a list of hosts");
  }
}

// Lines end as on Unix, on Windows, or as on the first Macs.
std::vector<std::string> lines_of(std::string text) {
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  if (text.find('\n') == std::string::npos) std::replace(text.begin(), text.end(), '\r', '\n');
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(line.substr(0, line.find('#')));
  }
  return lines;
}

// --- a line

struct Place {
  const std::string& path;
  std::size_t number;  // of the line

  Error bad(const std::string& what) const {
    return usage_error("--hostfile " + path + ", line " + std::to_string(number) + ": " + what);
  }
};

void check_characters(const std::string& line, const Place& place) {
  const auto is_other = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && c != '\t') || byte >= 0x7F;
  };
  const auto other = std::find_if(line.begin(), line.end(), is_other);
  if (other == line.end()) return;
  std::ostringstream code;
  code << "0x" << std::hex << static_cast<int>(static_cast<unsigned char>(*other));
  const auto byte = static_cast<unsigned char>(*other);
  throw place.bad(byte >= 0x7F && byte != 0x7F
                      ? "names of hosts are ASCII; there is a byte " + code.str() +
                            " (is the file UTF-16? Save it as UTF-8)"
                      : "there is a control character (" + code.str() +
                            "); write one host in each line: node1 slots=4");
}

std::uint64_t slots_in(const std::string& text, const Place& place) {
  std::uint64_t slots = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), slots);
  if (error != std::errc() || end != text.data() + text.size() || slots == 0 ||
      slots > most_slots_of_host) {
    throw place.bad("slots=" + text + " is not a number of ranks; write slots=4, say");
  }
  return slots;
}

bool is_plain(std::string_view text) {
  constexpr std::string_view others = ".-_";
  return !text.empty() && !text.starts_with('-') && !text.starts_with('.') &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  others.find(c) != std::string_view::npos;
         });
}

void check_name(const std::string& name, const Place& place) {
  if (name.find('=') != std::string::npos) {
    throw place.bad("it begins with " + name + "; a host's name comes first");
  }
  const auto colons = std::count(name.begin(), name.end(), ':');
  const auto colon = name.find(':');
  if (colons == 1 && name.find_first_not_of("0123456789", colon + 1) == std::string::npos) {
    const std::string host = name.substr(0, colon);
    throw place.bad("'" + name + "': slots are written " + host +
                    " slots=" + name.substr(colon + 1) + " (and a port of ssh in ~/.ssh/config)");
  }
  if (colons > 0) {
    throw place.bad("'" + name +
                    "' is an IPv6 address, which mpirun does not take here; write the host's name "
                    "or its IPv4 address");
  }
  if (!is_plain(name) || name.size() > longest_name) {
    throw place.bad("'" + name + "' is no name of a host; write: node1 slots=4");
  }
}

// Spaces around the equals sign are allowed there.
std::string tidy(const std::string& line) {
  std::string text;
  for (const char c : line) {
    const bool space = c == ' ' || c == '\t';
    if (c == '=') {
      while (text.ends_with(' ')) text.pop_back();
    } else if (space && text.ends_with('=')) {
      continue;
    }
    text += space ? ' ' : c;
  }
  return text;
}

bool is_one_of(const std::string& word, std::initializer_list<const char*> known) {
  return std::any_of(known.begin(), known.end(), [&](const char* one) { return word == one; });
}

void take_setting(HostEntry& entry, const std::string& word, const Place& place) {
  const auto equals = word.find('=');
  const std::string key = word.substr(0, equals);
  if (equals == std::string::npos) {
    throw place.bad("unexpected '" + word + "'; write: " + entry.name + " slots=4");
  }
  const std::string value = word.substr(equals + 1);
  if (is_one_of(key, {"slots", "cpus", "count"})) {
    entry.slots = slots_in(value, place);
  } else if (is_one_of(key, {"user", "username", "user-name", "user_name"})) {
    if (!is_plain(value)) throw place.bad("'" + value + "' is no name of a user");
    entry.user = value;
  } else if (is_one_of(key, {"max_slots", "max-slots", "max_cpus", "max-cpus", "max_count",
                             "max-count"})) {
    static_cast<void>(slots_in(value, place));  // no more ranks are started than there are slots
  } else {
    throw place.bad("unknown '" + key + "'; a line is: " + entry.name +
                    " slots=4, and user=NAME where the account has another name there");
  }
}

std::optional<HostEntry> entry_of(const std::string& line, const Place& place) {
  check_characters(line, place);
  std::istringstream words(tidy(line));
  HostEntry entry;
  if (!(words >> entry.name)) return std::nullopt;
  if (const auto at = entry.name.find('@'); at != std::string::npos) {
    entry.user = entry.name.substr(0, at);
    entry.name.erase(0, at + 1);
    if (!is_plain(entry.user)) throw place.bad("'" + entry.user + "' is no name of a user");
  }
  check_name(entry.name, place);
  for (std::string word; words >> word;) take_setting(entry, word, place);
  return entry;
}

// --- all lines

bool is_same_host(const std::string& a, const std::string& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

void add(std::vector<HostEntry>& hosts, HostEntry entry) {
  const auto same = std::find_if(hosts.begin(), hosts.end(), [&](const HostEntry& host) {
    return is_same_host(host.name, entry.name);
  });
  if (same == hosts.end()) {
    hosts.push_back(std::move(entry));
  } else {
    // As in the files of batch systems, which have a line for each slot.
    same->slots = same->slots.value_or(1) + entry.slots.value_or(1);
  }
}

}  // namespace

std::vector<HostEntry> read_hostfile(const std::string& path) {
  std::vector<HostEntry> hosts;
  std::size_t number = 0;
  for (const std::string& line : lines_of(content_of(path))) {
    if (auto entry = entry_of(line, Place{path, ++number})) add(hosts, std::move(*entry));
  }
  if (hosts.empty()) {
    throw bad_file(path, "names no host; write one in each line: node1 slots=4");
  }
  return hosts;
}

std::string hostfile_text(const std::vector<HostEntry>& hosts) {
  std::string text;
  for (const auto& host : hosts) {
    text += host.address();
    if (host.slots) text += " slots=" + std::to_string(*host.slots);
    text += '\n';
  }
  return text;
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
