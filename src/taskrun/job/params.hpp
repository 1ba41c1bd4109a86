// SPDX-License-Identifier: MIT
// The parameters of a job: a job names its members once, and taskrun makes from that the options,
// their help, their checks, and the text by which two runs are told apart.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// One parameter. `--name VALUE`, or `--name` alone for a flag; the values of the arguments stand
/// without a name.
struct Param {
  enum class Given {
    once,          ///< --name VALUE
    repeatedly,    ///< --name VALUE --name VALUE: parse takes one after the other
    as_arguments,  ///< VALUE VALUE: likewise
    as_rest,       ///< likewise; the first one ends the options, and takes all that follows along
  };

  std::string name;
  std::string help;
  std::string value_name;     ///< "N", "TEXT", "X"; empty for a flag
  std::string default_value;  ///< as text
  std::string range;          ///< "1 to 2^64-1"; empty where anything goes
  /// Sets the member. Throws Error (usage) that names the option, the value and what is allowed.
  std::function<void(std::string_view)> parse;
  /// The member's present value in canonical form: 1000000000 for 1e9.
  std::function<std::string()> value;
  Given given = Given::once;
  char letter = '\0';  ///< of the short form, -q; none for most

  bool is_flag() const { return value_name.empty(); }
  bool is_arguments() const { return given == Given::as_arguments || given == Given::as_rest; }
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
  /// The name of a file or folder; where it is given it is not empty, as that of a variable that
  /// was never set is.
  void path(std::string name, std::string& member, std::string help);
  /// One of the words; the member holds one of them from the start.
  void choice(std::string name, std::string& member, std::string help,
              std::vector<std::string> words);
  /// A time with its unit (100ms, 90s), as parse_duration reads it.
  void duration(std::string name, Duration& member, std::string help,
                Duration min = Duration::zero(), Duration max = std::chrono::hours(24 * 366));
  /// A size (64MiB, 10MB), as parse_byte_count reads it.
  void byte_count(std::string name, std::uint64_t& member, std::string help, std::uint64_t min = 0,
                  std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
  /// Whole numbers with commas between them (1e6,2e6).
  void counts(std::string name, std::vector<std::uint64_t>& member, std::string help,
              std::uint64_t min = 0, std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
  /// An option that may be given several times; the member is empty at first.
  void texts(std::string name, std::vector<std::string>& member, std::string help);
  /// What the command line gives without a name, after the job's; the member is empty at first. The
  /// name is for the help, in the singular (NUMBER). A job has at most one of these.
  void arguments(std::string name, std::vector<std::string>& member, std::string help);
  /// Likewise, for words that may look like anything: the first ends the options.
  void rest(std::string name, std::vector<std::string>& member, std::string help);
  void flag(std::string name, bool& member, std::string help);
  // For a member of another type each of them says which one it takes.
#define TASKRUN_OTHER_MEMBER(function, Member, words)                                              \
  template <class T, class... More>                                                                \
  requires(!std::same_as<T, Member>) void function(std::string, T&, More&&...) {                   \
    static_assert(std::same_as<T, Member>, "Params::" #function " takes a member of type " words); \
  }
  TASKRUN_OTHER_MEMBER(count, std::uint64_t,
                       "std::uint64_t: an option is the same on every machine")
  TASKRUN_OTHER_MEMBER(byte_count, std::uint64_t, "std::uint64_t")
  TASKRUN_OTHER_MEMBER(counts, std::vector<std::uint64_t>, "std::vector<std::uint64_t>")
  TASKRUN_OTHER_MEMBER(real, double, "double")
  TASKRUN_OTHER_MEMBER(text, std::string, "std::string")
  TASKRUN_OTHER_MEMBER(path, std::string, "std::string")
  TASKRUN_OTHER_MEMBER(choice, std::string, "std::string")
  TASKRUN_OTHER_MEMBER(duration, Duration, "taskrun::Duration")
  TASKRUN_OTHER_MEMBER(flag, bool, "bool")
  TASKRUN_OTHER_MEMBER(texts, std::vector<std::string>, "std::vector<std::string>")
  TASKRUN_OTHER_MEMBER(arguments, std::vector<std::string>, "std::vector<std::string>")
  TASKRUN_OTHER_MEMBER(rest, std::vector<std::string>, "std::vector<std::string>")
#undef TASKRUN_OTHER_MEMBER

  /// Gives the option declared last a short form as well, such as -q.
  void letter(char letter);

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
  Param gathering(std::string name, std::vector<std::string>& member, std::string help);

  std::vector<Param> params_;
  std::vector<Example> examples_;
};

}  // namespace taskrun
