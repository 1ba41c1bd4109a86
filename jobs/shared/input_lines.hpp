// SPDX-License-Identifier: MIT
// Values from the command line, or else the lines of a file or of standard input, and how input is
// quoted in messages.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taskrun/core/error.hpp"
#include "taskrun/core/printable.hpp"
#include "taskrun/data/lines.hpp"
#include "taskrun/job/params.hpp"

namespace taskrun {

/// In one line for people: cut where it is long, without bytes that a terminal would act on.
inline std::string in_brief(std::string_view text, std::size_t most_bytes) {
  const std::string brief = printable(first_bytes(text, most_bytes));
  return text.size() > most_bytes ? brief + "…" : brief;
}

/// 'text' for a message, likewise.
inline std::string shown(std::string_view text) {
  return std::string("'").append(in_brief(text, 40)).append("'");
}

/// What a job is given as arguments or, without any, as the lines of --file, which is standard
/// input unless it is said.
struct GivenValues {
  std::string what;  ///< they are, in the plural
  std::vector<std::string> arguments{};
  std::string file = "-";

  /// As options: arguments of that name, and --file.
  void declare(Params& params, std::string name, const std::string& help) {
    params.arguments(std::move(name), arguments, help + "; without any, see --file");
    params.path("file", file, "a file of " + what + ", one a line; - is standard input");
  }
  /// Throws Error (usage) where both are given. For each argument calls look(text), which throws
  /// for one that is none.
  template <class Look>
  void check(Look look) const {
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
