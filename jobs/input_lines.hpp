// SPDX-License-Identifier: MIT
// Values from the command line, or else the lines of a file or of standard input, and how input is
// quoted in messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "taskrun/core/error.hpp"
#include "taskrun/job/lines.hpp"

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

/// What a job is given as arguments or, without any, as the lines of --file, which is standard
/// input unless it is said.
struct GivenValues {
  std::vector<std::string> arguments;
  std::string file = "-";

  /// Throws Error (usage) where both are given; `what` they are, in the plural. For each argument
  /// calls look(text), which throws for one that is none.
  template <class Look>
  void check(const std::string& what, Look look) const {
    for (const auto& argument : arguments) look(argument);
    if (arguments.empty() || file == "-") return;
    throw usage_error(what + " are given, and --file as well: give one of them");
  }
  Lines lines() const { return arguments.empty() ? Lines(file) : Lines(arguments); }
  /// Calls parse(text) for a line, and puts the line's place, as "FILE:7: ", before what it throws.
  template <class Read>
  auto read(const Line& line, Read parse) const {
    try {
      return parse(line.text);
    } catch (const Error& error) {
      if (!arguments.empty()) throw;
      throw Error(error.code(),
                  input_name(file) + ":" + std::to_string(line.number) + ": " + error.what());
    }
  }
};

}  // namespace taskrun
