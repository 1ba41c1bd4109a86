// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/journal_text.hpp"
#include "taskrun/journal/journal_reader.hpp"

namespace taskrun {
namespace {

using nlohmann::json;

// Read at once: a running run waits meanwhile for a few milliseconds.
constexpr std::uint64_t attempts_at_once = 2000;

template <class Tell>
void for_each_attempt(const std::string& path, Tell tell) {
  JournalReader reader(path);
  std::int64_t last = 0;
  while (true) {
    const auto attempts = reader.attempts_after(last, attempts_at_once);
    if (attempts.empty()) return;
    for (const JournalAttempt& attempt : attempts) tell(attempt);
    last = attempts.back().id;
  }
}

std::string chunks_text(const JournalAttempt& a) {
  return a.end_chunk - a.first_chunk <= 1 ? fmt::format("{}", a.first_chunk)
                                          : fmt::format("{}-{}", a.first_chunk, a.end_chunk - 1);
}

constexpr const char* row_format = "{:>15}  {:>3}  {:>6}  {:<12}  {:<19}  {:>10}  {:<7}";

json attempt_json(const JournalAttempt& a) {
  return {{"start", a.session},
          {"first_chunk", a.first_chunk},
          {"end_chunk", a.end_chunk},
          {"attempt", a.attempt},
          {"worker", a.worker},
          {"host", a.host},
          {"started_unix_seconds", a.started},
          {"busy_seconds", a.busy_seconds},
          {"outcome", a.outcome},
          {"error", a.error}};
}

}  // namespace

std::string log_text(const std::string& path) {
  std::string text =
      fmt::format(row_format, "chunk", "try", "worker", "host", "start", "seconds", "outcome");
  text += "  error\n";
  for_each_attempt(path, [&](const JournalAttempt& a) {
    std::string row =
        fmt::format(row_format, chunks_text(a), a.attempt, a.worker, a.host, time_text(a.started),
                    fmt::format("{:.6f}", a.busy_seconds), a.outcome);
    std::string error = a.error;
    std::replace(error.begin(), error.end(), '\n', ' ');
    if (!error.empty()) row += "  " + error;
    text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
  });
  return text;
}

std::string log_json(const std::string& path) {
  std::string text = "[";
  for_each_attempt(path, [&](const JournalAttempt& a) {
    text += (text.size() == 1 ? "\n  " : ",\n  ") +
            attempt_json(a).dump(-1, ' ', false, json::error_handler_t::replace);
  });
  return text + (text.size() == 1 ? "]\n" : "\n]\n");
}

}  // namespace taskrun
