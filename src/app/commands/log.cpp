// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/cli/command_line.hpp"
#include "app/cli/setting_params.hpp"
#include "app/commands/journal_text.hpp"
#include "app/commands/print.hpp"
#include "taskrun/core/printable.hpp"
#include "taskrun/journal/journal_reader.hpp"
#include "taskrun/report/text.hpp"

namespace taskrun {
namespace {

using nlohmann::json;

enum class LogOf {
  attempts,       // each try at chunks, and what became of it
  failed_chunks,  // the chunks that were given up
};

// Read at once: a running run waits meanwhile for a few milliseconds.
constexpr std::uint64_t rows_at_once = 2000;
// Written at once, so that a log of any length takes little memory.
constexpr std::size_t bytes_at_once = std::size_t{64} << 10;

// Gathers what is written a little at a time.
class LineWriter {
 public:
  explicit LineWriter(const WriteText& write) : write_(write) {}
  void add(const std::string& line) {
    text_ += line;
    if (text_.size() >= bytes_at_once) flush();
  }
  void flush() {
    write_(text_);
    text_.clear();
  }

 private:
  const WriteText& write_;
  std::string text_;
};

template <class Tell>
void for_each_attempt(JournalReader& reader, Tell tell) {
  std::int64_t last = 0;
  while (true) {
    const auto attempts = reader.attempts_after(last, rows_at_once);
    if (attempts.empty()) return;
    for (const JournalAttempt& attempt : attempts) tell(attempt);
    last = attempts.back().id;
  }
}

template <class Tell>
void for_each_failure(JournalReader& reader, Tell tell) {
  std::uint64_t next = 0;
  while (true) {
    const auto failures = reader.failures_from(next, rows_at_once);
    for (const JournalFailure& failure : failures) tell(failure);
    if (failures.size() < rows_at_once) return;
    next = failures.back().chunk + 1;
  }
}

// People count from 1.
std::string range_text(std::uint64_t begin, std::uint64_t end) {
  return end <= begin || end - begin == 1 ? fmt::format("{}", begin + 1)
                                          : fmt::format("{}-{}", begin + 1, end);
}

// The last column may be empty, and ends the line.
std::string line_of(std::string row, const std::string& error) {
  if (!error.empty()) row += "  " + printable(error);
  return row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
}

constexpr const char* attempt_format =
    "{:>15}  {:>3}  {:>6}  {:<12}  {:<19}  {:>10}  {:>9}  {:<7}  {:<7}";
constexpr const char* failure_format = "{:>15}  {:>15}  {:>5}  {:<7}";

std::string memory_text(std::optional<std::uint64_t> bytes) {
  return bytes ? readable_bytes(static_cast<double>(*bytes)) : "";
}

std::string attempt_line(const JournalAttempt& a) {
  return line_of(
      fmt::format(attempt_format, range_text(a.first_chunk, a.end_chunk), a.attempt, a.worker,
                  printable(a.host), time_text(a.started), fmt::format("{:.6f}", a.busy_seconds),
                  memory_text(a.peak_memory_bytes), printable(a.outcome), end_text(a.end)),
      a.error);
}

std::string failure_line(const JournalFailure& f) {
  return line_of(fmt::format(failure_format, f.chunk + 1, range_text(f.first_item, f.end_item),
                             f.attempts, end_text(f.end)),
                 f.error);
}

json attempt_json(const JournalAttempt& a) {
  json all = {{"start", a.session},
              {"first_chunk", a.first_chunk + 1},
              {"last_chunk", a.end_chunk},
              {"attempt", a.attempt},
              {"worker", a.worker},
              {"host", a.host},
              {"started_unix_seconds", a.started},
              {"busy_seconds", a.busy_seconds},
              {"peak_memory_bytes", a.peak_memory_bytes ? json(*a.peak_memory_bytes) : json()},
              {"outcome", a.outcome},
              {"error", a.error}};
  add_end(all, a.end);
  return all;
}

void write_table(JournalReader& reader, LogOf what, LineWriter& lines) {
  if (what == LogOf::failed_chunks) {
    lines.add(line_of(fmt::format(failure_format, "chunk", "items", "tries", "exit"), "error"));
    for_each_failure(reader, [&](const JournalFailure& f) { lines.add(failure_line(f)); });
  } else {
    lines.add(line_of(fmt::format(attempt_format, "chunk", "try", "worker", "host", "start",
                                  "seconds", "memory", "outcome", "exit"),
                      "error"));
    for_each_attempt(reader, [&](const JournalAttempt& a) { lines.add(attempt_line(a)); });
  }
}

void write_json(JournalReader& reader, LogOf what, LineWriter& lines) {
  bool first = true;
  lines.add("[");
  const auto add = [&](const json& row) {
    lines.add((first ? "\n  " : ",\n  ") +
              row.dump(-1, ' ', false, json::error_handler_t::replace));
    first = false;
  };
  if (what == LogOf::failed_chunks) {
    for_each_failure(reader, [&](const JournalFailure& f) { add(failure_json(f)); });
  } else {
    for_each_attempt(reader, [&](const JournalAttempt& a) { add(attempt_json(a)); });
  }
  lines.add(first ? "]\n" : "\n]\n");
}

/// A little at a time: a log may be long.
void write_log(const std::string& path, LogOf what, bool as_json, const WriteText& write) {
  JournalReader reader(path);
  LineWriter lines(write);
  if (as_json) {
    write_json(reader, what, lines);
  } else {
    write_table(reader, what, lines);
  }
  lines.flush();
}

class LogAction final : public Action {
 public:
  std::vector<Param> options() override {
    return {flag_param("json", as_json_, "write JSON, for programs"),
            flag_param("failed", failed_only_,
                       "list all chunks that failed permanently, instead of attempts")};
  }

  int run(CommandLine& line, ProgramStart& start) override {
    return print_by(start, [&](const WriteText& write) {
      write_log(line.file, failed_only_ ? LogOf::failed_chunks : LogOf::attempts, as_json_, write);
    });
  }

 private:
  bool as_json_ = false;
  bool failed_only_ = false;
};

}  // namespace

Command command_log() {
  return {.name = "log",
          .arguments = "JOURNAL [--failed] [--json]",
          .help = "show what became of each attempt of a run",
          .examples = {{"log primes.journal", "a row for each attempt"},
                       {"log primes.journal --failed", "the chunks that failed"},
                       {"log primes.journal --json", "the same for programs"}},
          .takes = Command::Takes::journal,
          .make = make_action<LogAction>};
}

}  // namespace taskrun
