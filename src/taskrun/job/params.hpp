// SPDX-License-Identifier: MIT
// The parameters of a job: a job names its members once, and taskrun makes from that the options,
// their help, their checks, and the text by which two runs are told apart.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// One parameter. `--name VALUE`, or `--name` alone for a flag.
struct Param {
  std::string name;
  std::string help;
  std::string value_name;     ///< "N", "TEXT", "X"; empty for a flag
  std::string default_value;  ///< as text
  std::string range;          ///< "1 to 2^64-1"; empty where anything goes
  /// Sets the member. Throws Error (usage) that names the option, the value and what is allowed.
  std::function<void(std::string_view)> parse;
  /// The member's present value in canonical form: 1000000000 for 1e9.
  std::function<std::string()> value;

  bool is_flag() const { return value_name.empty(); }
};

/// What a job declares its parameters to. The members must outlive it; their values when declared
/// are the defaults.
class Params {
 public:
  /// A whole number, written as parse_count reads it (1e9, 10M).
  void count(std::string name, std::uint64_t& member, std::string help, std::uint64_t min = 0,
             std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
  /// A finite decimal number.
  void real(std::string name, double& member, std::string help,
            double min = std::numeric_limits<double>::lowest(),
            double max = std::numeric_limits<double>::max());
  void text(std::string name, std::string& member, std::string help);
  void flag(std::string name, bool& member, std::string help);

  /// A command line that shows the job at work, and what it does: ("--limit 1e9", "count …").
  void example(std::string arguments, std::string what);

  struct Example {
    std::string arguments;
    std::string what;
  };
  const std::vector<Param>& all() const { return params_; }
  const std::vector<Example>& examples() const { return examples_; }
  /// "limit=1000000 sum=no": equal for two runs just when their parameters are.
  std::string canonical() const;

 private:
  std::vector<Param> params_;
  std::vector<Example> examples_;
};

}  // namespace taskrun
