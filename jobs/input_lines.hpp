// SPDX-License-Identifier: MIT
// Values from the command line, or else the lines of a small file or of standard input, which the
// coordinator reads whole, and how input is quoted in messages. Big files are read by the workers:
// see taskrun/job/texts.hpp.
#pragma once

#include <cerrno>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "taskrun/core/error.hpp"

namespace taskrun {

/// 'text' for a message: cut where it is long, without bytes that a terminal would act on.
inline std::string shown(std::string_view text) {
  constexpr std::size_t enough = 40;
  std::string quoted = "'";
  for (const char c : text.substr(0, enough)) {
    const bool plain = static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    quoted += plain ? c : '?';
  }
  return quoted + (text.size() > enough ? "…'" : "'");
}

/// Calls take(line, "FILE:7: ") for each line that is not empty, without its end (\n or \r\n); "-"
/// is standard input. Throws Error (usage) where the file cannot be read.
template <class Take>
void read_lines(const std::string& path, Take take) {
  const bool from_stdin = path == "-";
  const std::string name = from_stdin ? "stdin" : path;
  const auto fail = [&] {
    const int error = errno;
    throw usage_error("cannot read " + name + ": " +
                      std::generic_category().message(error == 0 ? EIO : error));
  };
  std::ifstream file;
  errno = 0;
  if (!from_stdin) file.open(path);
  std::istream& in = from_stdin ? std::cin : file;
  if (!in) fail();
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) take(std::string_view(line), name + ":" + std::to_string(number) + ": ");
  }
  if (in.bad()) fail();
}

/// What a job is given as arguments or, without any, as the lines of --file, which is standard
/// input unless it is said.
struct GivenValues {
  std::vector<std::string> arguments;
  std::string file = "-";

  /// Throws Error (usage) where both are given; `what` they are, in the plural.
  void check(const std::string& what) const {
    if (arguments.empty() || file == "-") return;
    throw usage_error(what + " are given, and --file as well: give one of them");
  }
  /// Calls take(value, place) for each; the place is that of read_lines, or empty for an argument.
  template <class Take>
  void read(Take take) const {
    for (const auto& argument : arguments) take(std::string_view(argument), std::string());
    if (!arguments.empty()) return;
    read_lines(file, take);
  }
};

}  // namespace taskrun
