// SPDX-License-Identifier: MIT
#include "app/cli/run_settings.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "app/cli/setting_params.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/core/suggestion.hpp"
#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

// More threads than any machine has cores, and fewer than a process may have.
constexpr std::uint64_t most_threads = 4096;
// Beyond these a number is a slip of the keyboard.
constexpr std::uint64_t most_retries = 1000;
constexpr std::uint64_t most_credit = 10000;

struct NamedStyle {
  const char* name;
  ProgressStyle style;
};
constexpr std::array<NamedStyle, 5> styles{{{"auto", ProgressStyle::automatic},
                                            {"bar", ProgressStyle::bar},
                                            {"lines", ProgressStyle::lines},
                                            {"verbose", ProgressStyle::verbose},
                                            {"off", ProgressStyle::off}}};

Error not_among(const std::string& option, std::string_view value,
                const std::vector<std::string>& names) {
  return usage_error("--" + option + " " + printable_shell_word(value) + ": expected " +
                     either(names) + suggestion(value, names));
}

Param schedule_param(RunSettings& settings) {
  std::vector<std::string> names;
  for (const Schedule schedule : all_schedules) names.emplace_back(name_of(schedule));
  return {"schedule",
          "how chunks are handed out",
          "NAME",
          "auto",
          either(names),
          [&settings, names](std::string_view text) {
            const auto schedule = schedule_named(text);
            if (!schedule) throw not_among("schedule", text, names);
            settings.schedule = *schedule;
          },
          [&settings] { return std::string(name_of(settings.schedule)); }};
}

Param progress_param(RunSettings& settings) {
  std::vector<std::string> names;
  for (const auto& [name, style] : styles) names.emplace_back(name);
  return {"progress",
          "what is shown while it runs; verbose=N: a line each N items",
          "STYLE",
          "auto",
          either(names),
          [&settings, names](std::string_view text) {
            settings.progress_items = 0;
            constexpr std::string_view counted = "verbose=";
            if (text.starts_with(counted)) {
              const auto items = parse_count(text.substr(counted.size()));
              if (!items || *items == 0) {
                throw usage_error("--progress " + printable_shell_word(text) +
                                  ": expected a number of items, such as verbose=100");
              }
              settings.progress = ProgressStyle::verbose;
              settings.progress_items = *items;
              return;
            }
            for (const auto& [name, style] : styles) {
              if (text == name) {
                settings.progress = style;
                return;
              }
            }
            throw not_among("progress", text, names);
          },
          [&settings] { return styles[static_cast<std::size_t>(settings.progress)].name; }};
}

void read_on_error(std::string_view text, RunSettings& settings) {
  constexpr std::string_view counted = "stop-after=";
  settings.failures_tolerated = UINT64_MAX;
  settings.failure_ratio_tolerated = 1;
  if (text == "continue") return;
  if (text == "stop") {
    settings.failures_tolerated = 0;
    return;
  }
  if (text.starts_with(counted)) {
    const std::string_view limit = text.substr(counted.size());
    const bool percent = limit.ends_with('%');
    const auto count = percent ? std::nullopt : parse_count(limit);
    const auto part = percent ? parse_real(limit.substr(0, limit.size() - 1)) : std::nullopt;
    if (count && *count > 0) {
      settings.failures_tolerated = *count - 1;
      return;
    }
    if (part && *part > 0 && *part <= 100) {
      settings.failure_ratio_tolerated = *part / 100;
      return;
    }
  }
  throw usage_error("--on-error " + printable_shell_word(text) +
                    ": expected continue, stop, stop-after=N or stop-after=N% (of all chunks)");
}

Param on_error_param(RunSettings& settings) {
  auto given = std::make_shared<std::string>("continue");
  return {"on-error",
          "what to do when a chunk fails permanently",
          "WHAT",
          "continue",
          "continue, stop, stop-after=N or stop-after=N%",
          [&settings, given](std::string_view text) {
            read_on_error(text, settings);
            *given = text;
          },
          [given] { return *given; }};
}

Param retries_param(RunSettings& settings) {
  return {"retries",
          "retries per failed chunk",
          "N",
          std::to_string(default_retries) + ", or none where chunks have effects",
          "0 to " + std::to_string(most_retries),
          [&settings](std::string_view text) {
            const auto count = parse_count(text);
            if (!count || *count > most_retries) {
              throw usage_error("--retries " + printable_shell_word(text) +
                                ": expected a whole number from 0 to " +
                                std::to_string(most_retries));
            }
            settings.retries = *count;
          },
          [&settings] { return settings.retries ? std::to_string(*settings.retries) : ""; }};
}

}  // namespace

std::vector<Param> run_params(RunSettings& s) {
  constexpr auto any = std::numeric_limits<std::uint64_t>::max();
  std::vector<Param> params{
      with_letter('j', with_default("its share of the cores",
                                    count_param("threads", s.thread_count, "slots of each rank", 1,
                                                most_threads))),
      with_default(std::to_string(default_io_thread_count),
                   count_param("io-threads", s.io_thread_count,
                               "slots of each rank for I/O-bound jobs", 1, most_threads)),
      schedule_param(s),
      with_default("chosen by the job",
                   count_param("chunks", s.chunk_count, "cut the dataset into N chunks", 1, any)),
      with_default("chosen by the job", count_param("chunk-size", s.chunk_size,
                                                    "cut it into chunks of N items", 1, any)),
      retries_param(s)};
  const auto isolation = isolation_params(s.isolation);
  params.insert(params.end(), isolation.begin(), isolation.end());
  const std::vector<Param> others{
      with_default("as measured", count_param("credit", s.credit, "leases in flight for each slot",
                                              1, most_credit)),
      on_error_param(s),
      with_default(
          "no limit, or the allocation's",
          duration_param("walltime", s.walltime, "stop gracefully before this time is up")),
      duration_param("stalled-after", s.stalled_after,
                     "end the run if no chunk finishes within TIME"),
      file_param("json", s.json_path, "write result and run statistics as JSON; - is stdout",
                 ", or - for stdout"),
      file_param("journal", s.journal_path, "record completed work in FILE, to resume from"),
      flag_param("resume", s.resume, "continue after the completed work in the journal"),
      flag_param("trust", s.trust, "resume a journal that another user may have written"),
      flag_param("hash-inputs", s.hash_inputs,
                 "identify inputs by content hash (fixed when the journal is created)"),
      flag_param("keep-secrets", s.keep_secrets,
                 "keep and show what looks like a password, token or key; masked as *** otherwise"),
      progress_param(s),
      with_letter('q',
                  flag_param("quiet", s.quiet, "no progress and no run statistics; warnings stay")),
      with_letter('v', flag_param("verbose", s.verbose, "also report workers and retries"))};
  params.insert(params.end(), others.begin(), others.end());
  return params;
}

bool is_kept_for_resume(const std::string& option_name) {
  constexpr std::array kept{"chunks",  "chunk-size", "retries", "on-error",    "isolate",
                            "timeout", "memory",     "grace",   "keep-secrets"};
  return std::find(kept.begin(), kept.end(), option_name) != kept.end();
}

void check(const RunSettings& s) {
  if (s.resume && s.journal_path.empty()) {
    throw usage_error("--resume needs --journal FILE, the journal to resume");
  }
  if (s.hash_inputs && s.journal_path.empty()) {
    throw usage_error("--hash-inputs needs --journal FILE, which remembers the inputs");
  }
  if (s.chunk_count > 0 && s.chunk_size > 0) {
    throw usage_error(
        "--chunks and --chunk-size both say how to cut the dataset; give one of them");
  }
  if (s.quiet && s.verbose) throw usage_error("--quiet and --verbose exclude each other");
}

}  // namespace taskrun
