// SPDX-License-Identifier: MIT
#include "app/cli/isolation_settings.hpp"

#include "app/cli/setting_params.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

// With less a process cannot begin, or a chunk would be ended for a hiccup of the machine.
constexpr std::uint64_t least_memory_bytes = std::uint64_t{16} << 20;
constexpr Duration least_timeout = std::chrono::milliseconds(1);
constexpr double least_timeout_ratio = 1;
constexpr Duration longest_grace = std::chrono::hours(1);

Error bad_timeout(std::string_view text) {
  return usage_error("--timeout " + printable_shell_word(text) +
                     ": expected a time from 1ms, such as 30s, or a multiple of the median chunk "
                     "time from 1x, such as 5x");
}

void parse_timeout(std::string_view text, IsolationLimits& limits) {
  limits.timeout_text = text;
  if (text.ends_with('x')) {
    const auto ratio = parse_real(text.substr(0, text.size() - 1));
    if (!ratio || *ratio < least_timeout_ratio) throw bad_timeout(text);
    limits.timeout_ratio = *ratio;
    return;
  }
  const auto timeout = parse_duration(text);
  if (!timeout || *timeout < least_timeout) throw bad_timeout(text);
  limits.timeout = *timeout;
}

void parse_memory(std::string_view text, IsolationLimits& limits) {
  limits.memory_text = text;
  const auto bytes = parse_byte_count(text);
  if (!bytes || *bytes < least_memory_bytes) {
    throw usage_error("--memory " + printable_shell_word(text) +
                      ": expected a size from 16MiB, such as 2GiB");
  }
  limits.memory_bytes = *bytes;
}

Param grace_param(Duration& grace) {
  Params params;
  params.duration("grace", grace, "what a command that is to end has between SIGTERM and SIGKILL",
                  Duration::zero(), longest_grace);
  return params.all().front();
}

}  // namespace

std::vector<Param> isolation_params(IsolationSettings& s) {
  return {
      flag_param("isolate", s.isolate,
                 "compute in separate processes: a crash costs one attempt at its chunk"),
      {"timeout", "end a chunk that takes longer than this, or than N times the median; isolates",
       "TIME", "none", "from 1ms, or from 1x",
       [&s](std::string_view text) { parse_timeout(text, s.limits); },
       [&s] { return s.limits.timeout_text; }},
      {"memory", "end a chunk that needs more than this, with all it has started; isolates",
       "BYTES", "none", "from 16MiB", [&s](std::string_view text) { parse_memory(text, s.limits); },
       [&s] { return s.limits.memory_text; }},
      grace_param(s.grace),
      {"only-chunk",
       "compute chunk K alone, in this process, and print what it gives; for debuggers", "K", "",
       "",
       [&s](std::string_view text) {
         s.only_chunk = parse_count(text);
         if (s.only_chunk.value_or(0) == 0) {
           throw usage_error("--only-chunk " + printable_shell_word(text) +
                             ": expected the number of a chunk, from 1");
         }
         --*s.only_chunk;
       },
       [&s] { return s.only_chunk ? std::to_string(*s.only_chunk + 1) : ""; }}};
}

}  // namespace taskrun
