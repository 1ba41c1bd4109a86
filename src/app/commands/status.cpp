// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "app/cli/fresh_job.hpp"
#include "app/cli/hints.hpp"
#include "app/cli/param_json.hpp"
#include "app/cli/setting_params.hpp"
#include "app/commands/journal_text.hpp"
#include "app/commands/print.hpp"
#include "taskrun/core/printable.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/job/number.hpp"
#include "taskrun/journal/journal_reader.hpp"
#include "taskrun/report/text.hpp"

namespace taskrun {
namespace {

using nlohmann::json;

constexpr std::uint64_t most_failures_told = 10;
constexpr std::size_t most_slots_told = 10;
// To programs.
constexpr std::uint64_t most_failures_listed = 100;

struct Status {
  std::string resume_command;
  std::string failed_command;
  Fingerprint facts;
  bool running = false;
  std::vector<JournalSession> sessions;
  JournalProgress progress;
  std::optional<JournalEvent> event;
  std::vector<JournalFailure> failures;
  std::vector<JournalRunning> slots;

  const JournalSession& last() const { return sessions.back(); }
};

std::string fact(const Fingerprint& facts, Fact::Kind kind, const std::string& name) {
  for (const Fact& fact : facts) {
    if (fact.kind == kind && fact.name == name) return fact.value;
  }
  return "";
}

// Of a run that has not told anything yet.
JournalProgress no_progress(const Fingerprint& facts) {
  JournalProgress progress;
  const std::string items = fact(facts, Fact::Kind::grid, "items");
  if (items == open_ended) progress.extent = Extent::open;
  progress.chunk_count = parse_count(fact(facts, Fact::Kind::grid, "chunks")).value_or(0);
  progress.item_count = parse_count(items).value_or(0);
  return progress;
}

Status look(const std::string& path, const std::string& program) {
  JournalReader reader(path);
  Status status;
  status.resume_command = resume_command(program, path);
  status.failed_command = failed_command(program, path);
  status.running = reader.is_running();
  status.facts = reader.fingerprint();
  if (lacks_secrets(status.facts)) {
    status.resume_command = "the whole command and --resume (its secrets are not in the journal)";
  }
  status.sessions = reader.sessions();
  status.progress = reader.progress().value_or(no_progress(status.facts));
  status.event = reader.last_event();
  status.failures = reader.failures_from(0, most_failures_listed);
  if (status.running) status.slots = reader.running();
  if (status.sessions.empty()) status.sessions.emplace_back();
  return status;
}

// --- for people

std::string job_text(const Status& s) {
  std::string text = fact(s.facts, Fact::Kind::job, "job");
  for (const Fact& fact : s.facts) {
    if (fact.kind == Fact::Kind::param && !fact.value.empty()) {
      text += " " + fact.name + "=" + fact.value;
    }
  }
  return printable(text);
}

// What a resumed run is given beside the command. A journal does not say where an input that is
// read as it comes was from.
std::string input_text(const Fingerprint& facts) {
  if (fact(facts, Fact::Kind::grid, "items") == open_ended) {
    return ", given the same standard input if that was read";
  }
  const bool was_no_file = std::any_of(facts.begin(), facts.end(), [](const Fact& fact) {
    return fact.kind == Fact::Kind::input && !fact.name.starts_with('/') &&
           fact.value.starts_with("content ");
  });
  return was_no_file ? ", given the same standard input" : "";
}

std::string state_text(const Status& s) {
  const JournalSession& last = s.last();
  const std::string resume = "continue with" + input_text(s.facts) + ": " + s.resume_command;
  if (s.running) {
    return fmt::format("running on {} (pid {}) since {}, {} {}", printable(last.host), last.pid,
                       time_text(last.started), last.rank_count,
                       last.rank_count == 1 ? "rank" : "ranks");
  }
  if (!last.verdict) return "ended without a verdict (killed, or its machine failed); " + resume;
  const std::string when = " at " + time_text(last.ended.value_or(0));
  switch (*last.verdict) {
    case Verdict::complete:
      return "complete" + when;
    case Verdict::chunks_failed:
      return "complete" + when + ", except for chunks that failed; to try them again " + resume;
    case Verdict::stopped:
      return "stopped early" + when + "; " + resume;
    case Verdict::failed:
      break;
  }
  return "failed" + when + ": " + printable(last.reason) + "; when that is repaired, " + resume;
}

std::string counted(std::uint64_t count) { return readable_count(static_cast<double>(count)); }

std::string done_text(const JournalProgress& p) {
  if (p.extent == Extent::open) return counted(p.items_done) + " items, input still open";
  const auto all = static_cast<double>(p.chunk_count);
  // Rounded down: 100 % is what is complete.
  const double percent =
      all == 0 ? 100 : std::floor(1000 * static_cast<double>(p.chunks_done) / all) / 10;
  return fmt::format("{:.1f} %: {} of {} chunks, {} of {} items", percent, p.chunks_done,
                     p.chunk_count, counted(p.items_done), counted(p.item_count));
}

std::string rate_text(const Status& s) {
  const double rate = s.progress.items_per_second();
  if (rate <= 0) return s.running ? "not known yet" : "none: the last start completed no items";
  std::string text = readable_count(rate) + " items/s";
  const auto left = s.progress.seconds_left();
  // Far above any run, and below what a Duration holds.
  if (s.running && left)
    text += ", " + readable_duration(from_seconds(std::min(*left, 1e9))) + " left";
  return text;
}

std::string failed_text(const Status& s) {
  const std::uint64_t count = s.progress.chunks_failed;
  std::string text = fmt::format("{} {}", count, count == 1 ? "chunk" : "chunks");
  const auto told = std::min<std::uint64_t>(s.failures.size(), most_failures_told);
  for (const auto& f : std::span(s.failures).first(told)) {
    text += fmt::format("\n           chunk {} ({} {}): {}", f.chunk + 1, f.attempts,
                        f.attempts == 1 ? "try" : "tries", printable(f.error));
  }
  if (count > told) {
    text +=
        fmt::format("\n           and {} more; all of them: {}", count - told, s.failed_command);
  }
  return text;
}

std::string chunks_named(std::uint64_t begin, std::uint64_t end) {
  return end <= begin || end - begin == 1 ? fmt::format("chunk {}", begin + 1)
                                          : fmt::format("chunks {} to {}", begin + 1, end);
}

std::string slots_text(const Status& s) {
  std::string text;
  const auto told = std::min<std::size_t>(s.slots.size(), most_slots_told);
  for (const auto& slot : std::span(s.slots).first(told)) {
    text += fmt::format("{}{} on {} (rank {}) since {}{}", text.empty() ? "" : "\n           ",
                        chunks_named(slot.first_chunk, slot.end_chunk), printable(slot.host),
                        slot.worker, time_text(slot.since),
                        slot.attempt > 1 ? fmt::format(", attempt {}", slot.attempt) : "");
  }
  if (s.slots.size() > told) {
    text += fmt::format("\n           and {} more", s.slots.size() - told);
  }
  return text;
}

std::string starts_text(const Status& s) {
  return fmt::format("{}, the first at {}", s.sessions.size(),
                     time_text(s.sessions.front().started));
}

// --- for programs

// Those of a job that this program does not have are texts.
json params_json(const Fingerprint& facts, const Registry& jobs) {
  const FreshJob known(jobs.find(fact(facts, Fact::Kind::job, "job")));
  json params = json::object();
  for (const Fact& f : facts) {
    if (f.kind != Fact::Kind::param) continue;
    const Param* const param = param_named(known.params.all(), f.name);
    params[f.name] = param == nullptr ? json(f.value) : param_json(*param, f.value);
  }
  return params;
}

json session_json(const JournalSession& s) {
  return {{"host", s.host},
          {"pid", s.pid},
          {"rank_count", s.rank_count},
          {"program", s.program},
          {"started_unix_seconds", s.started},
          {"ended_unix_seconds", s.ended ? json(*s.ended) : json()},
          {"verdict", s.verdict ? json(name_of(*s.verdict)) : json()},
          {"exit_code", s.verdict ? json(s.exit_code) : json()},
          {"reason", s.reason}};
}

json failures_json(const std::vector<JournalFailure>& failures) {
  json all = json::array();
  for (const auto& f : failures) {
    all.push_back(failure_json(f));
  }
  return all;
}

json slots_json(const std::vector<JournalRunning>& slots) {
  json all = json::array();
  for (const auto& slot : slots) {
    all.push_back({{"first_chunk", slot.first_chunk + 1},
                   {"last_chunk", slot.end_chunk},
                   {"attempt", slot.attempt},
                   {"worker", slot.worker},
                   {"host", slot.host},
                   {"since_unix_seconds", slot.since}});
  }
  return all;
}

json event_json(const std::optional<JournalEvent>& event) {
  if (!event) return nullptr;
  return {{"time_unix_seconds", event->time}, {"level", event->level}, {"text", event->text}};
}

std::string status_text(const std::string& path, const std::string& program) {
  const Status s = look(path, program);
  std::string text = fmt::format("job        {}\nstate      {}\ndone       {}\n", job_text(s),
                                 state_text(s), done_text(s.progress));
  text += fmt::format("failed     {}\nrate       {}\nstarts     {}\n", failed_text(s), rate_text(s),
                      starts_text(s));
  if (!s.slots.empty()) text += fmt::format("running    {}\n", slots_text(s));
  // When a start has ended, its state says it all.
  if (s.event && !s.last().verdict) {
    text +=
        fmt::format("last event {}, at {}\n", printable(s.event->text), time_text(s.event->time));
  }
  return text;
}

std::string status_json(const std::string& path, const std::string& program, const Registry& jobs) {
  const Status s = look(path, program);
  const JournalProgress& p = s.progress;
  const double rate = p.items_per_second();
  const auto left = s.running ? p.seconds_left() : std::nullopt;
  const std::uint64_t not_listed =
      p.chunks_failed - std::min<std::uint64_t>(p.chunks_failed, s.failures.size());
  json all = {{"job", fact(s.facts, Fact::Kind::job, "job")},
              {"params", params_json(s.facts, jobs)},
              {"running", s.running},
              {"chunk_count", p.chunk_count},
              {"chunks_done", p.chunks_done},
              {"chunks_failed", p.chunks_failed},
              {"item_count", p.item_count},
              {"input_open", p.extent == Extent::open},
              {"items_done", p.items_done},
              {"worker_count", p.worker_count},
              {"slot_count", p.slot_count},
              {"items_per_second", rate > 0 ? json(rate) : json()},
              {"left_seconds", left ? json(*left) : json()},
              {"updated_unix_seconds", p.updated},
              {"start_count", s.sessions.size()},
              {"running_now", slots_json(s.slots)},
              {"last_event", event_json(s.event)},
              {"failed", failures_json(s.failures)},
              {"failed_not_listed", not_listed},
              {"failed_all_command", not_listed > 0 ? json(s.failed_command) : json()}};
  all.update(session_json(s.last()));
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

class StatusAction final : public Action {
 public:
  std::vector<Param> options() override {
    return {flag_param("json", as_json_, "write JSON, for programs")};
  }

  int run(CommandLine& line, ProgramStart& start) override {
    return print(start, [&] {
      return as_json_ ? status_json(line.file, line.program, *line.jobs)
                      : status_text(line.file, line.program);
    });
  }

 private:
  bool as_json_ = false;
};

}  // namespace

Command command_status() {
  return {
      .name = "status",
      .arguments = "JOURNAL [--json]",
      .help = "show how far a run is, also while it runs",
      .examples = {{"status primes.journal", "progress, rate and time left, also while it runs"},
                   {"status primes.journal --json", "the same for programs"}},
      .takes = Command::Takes::journal,
      .make = make_action<StatusAction>};
}

}  // namespace taskrun
