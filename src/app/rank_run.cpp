// SPDX-License-Identifier: MIT
#include "app/rank_run.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "app/cli/hints.hpp"
#include "app/cli/time_limit.hpp"
#include "app/commands/run_json.hpp"
#include "app/launcher.hpp"
#include "app/machine.hpp"
#include "app/output.hpp"
#include "app/run_journal.hpp"
#include "app/run_options.hpp"
#include "app/run_view.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/launch/stop_signals.hpp"
#include "taskrun/os/build_digest.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/report/result_file.hpp"
#include "taskrun/run/session.hpp"

namespace taskrun {
namespace {

bool is_isolated(const CommandLine& line) {
  return line.settings.isolation.asked() || line.job->needs_isolation() ||
         rank_environment().isolate;
}

std::uint32_t slots_of(const CommandLine& line, const std::optional<LaunchedRank>& launched) {
  return find_machine(*line.job, line.settings, launched).slots;
}

// Helpers are watched by other means.
std::shared_ptr<ChunkMarks> marks_of(const Machine& machine, const Supervision& supervision) {
  return machine.zygote == nullptr ? supervision.chunk_marks(machine.slots) : nullptr;
}

// As long as ranks have for their hello.
constexpr Duration first_run_deadline = std::chrono::seconds(60);

// What ranks that read the same line must agree on: the job, its parameters, the shape of the grid.
JobSpec spec_of(const CommandLine& line) {
  JobSpec spec{line.entry->name, {}};
  for (const Param& param : line.params.all()) spec.values.push_back({param.name, param.value()});
  spec.values.push_back({"chunks", std::to_string(line.settings.chunk_count)});
  spec.values.push_back({"chunk-size", std::to_string(line.settings.chunk_size)});
  return spec;
}

/// What a failure leaves behind is in the ending. Other ranks may go then, whatever is still to be
/// told of the run.
std::optional<RunOutcome> run_to_end(Session& session, const JobSpec& spec,
                                     const RunOptions& options, Sink& sink, RunObserver& observer,
                                     Ending& ending) {
  std::optional<RunOutcome> outcome;
  try {
    outcome = session.run(spec, options, &sink, &observer);
  } catch (...) {
    ending.failure = std::current_exception();
  }
  session.close();
  ending.stuck = session.is_stuck();
  return outcome;
}

// --- rank 0

/// Emitted text and a bar on the same terminal would disturb each other.
std::optional<Terminal> find_terminal(const CommandLine& line, const StandardStreams& streams,
                                      bool through_launcher, int out) {
  if (line.job->emits() && (streams.out_is_terminal || isatty(out) != 0)) return std::nullopt;
  if (isatty(STDERR_FILENO) != 0) {
    return Terminal::on(dup(STDERR_FILENO), streams.group > 0 ? streams.group : getpgrp());
  }
  return through_launcher ? launcher_terminal() : std::nullopt;
}

/// Chunks fail in any order; told in theirs.
RunOutcome in_order(RunOutcome outcome) {
  auto& failed = outcome.account.failed;
  std::sort(failed.begin(), failed.end(),
            [](const FailedChunk& a, const FailedChunk& b) { return a.chunk < b.chunk; });
  return outcome;
}

// Of the time until then, what the end may take at most.
Duration part_of(Time until) {
  return until == never ? Duration::zero()
                        : std::max<Duration>((until - steady_now()) / 4, Duration::zero());
}

// The view, and the supervisor beside it.
class ToldObserver final : public RunObserver {
 public:
  ToldObserver(RunView& view, const Supervision& supervision)
      : view_(view), supervision_(supervision) {}

  void on_event(const Event& event) override { view_.on_event(event); }
  void on_progress(const Progress& progress) override {
    if (progress.chunks_done != told_) supervision_.tell_progress(progress.chunks_done);
    told_ = progress.chunks_done;
    view_.on_progress(progress);
  }
  std::uint64_t chunks_done() const { return told_; }

 private:
  RunView& view_;
  const Supervision& supervision_;
  std::uint64_t told_ = 0;
};

// The job's file for what it says of failed chunks, begun anew; -1 where it wants none. Throws
// Error (usage).
Descriptor details_file(const std::string& path) {
  if (path.empty()) return Descriptor();
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.open()) {
    throw usage_error("cannot write " + path + ": " + system_reason(errno));
  }
  return file;
}

// Output, and what is said of failed chunks beside it.
class RunSink final : public Sink {
 public:
  explicit RunSink(OutputWriter& output) : output_(output) {}

  void open_details(const std::string& path, Wakeup& wakeup) {
    file_ = details_file(path);
    if (file_.open()) details_.emplace(file_.fd(), Reader::needed, wakeup, 0, path);
  }
  void write(ByteView bytes) override { output_.write(bytes); }
  void write_details(ByteView bytes) override {
    if (details_) details_->write(bytes);
  }
  std::uint64_t backlog_bytes() const override {
    return output_.backlog_bytes() + (details_ ? details_->backlog_bytes() : 0);
  }
  void finish_details() {
    if (details_) details_->finish();
  }

 private:
  OutputWriter& output_;
  Descriptor file_;
  std::optional<OutputWriter> details_;
};

class FirstRank {
 public:
  FirstRank(CommandLine& line, const Machine& machine, int out, const StandardStreams& streams,
            std::optional<Terminal> terminal, Wakeup& wakeup, const Supervision& supervision,
            RankWatch& watch)
      : line_(line),
        machine_(machine),
        supervision_(supervision),
        watch_(watch),
        output_is_begun_(streams.written_bytes > 0),
        output_(out, line.job->emits() ? Reader::needed : Reader::late, wakeup,
                streams.written_bytes),
        console_(STDERR_FILENO, std::move(terminal), line.settings.secrets()),
        view_(line.settings, *line.job, console_, output_, failed_hint(line)),
        observer_(view_, supervision) {}

  void warn(const std::string& text) { console_.line("warning: " + text); }

  Ending run(Session& session, const JobSpec& spec, std::uint32_t rank_count, Wakeup& wakeup) {
    if (const auto text = crowding(machine_)) warn(*text);
    try {
      open_files(rank_count, wakeup);
    } catch (...) {
      // Told to the run, which ends the other ranks.
      view_.stop_with(std::current_exception());
    }
    auto options = run_options(line_);
    options.stop = &watch_.stop();
    options.stop_at = run_end_time(line_.settings.walltime);
    options.end_reserve = std::min<Duration>(options.end_grace, part_of(options.stop_at));
    options.journal = journal_.get();
    Ending ending;
    auto outcome = run_to_end(session, spec, options, sink_, observer_, ending);
    watch_.telling(options.stop_at);
    console_.clear();
    try {
      if (outcome) ending.exit_code = tell(in_order(std::move(*outcome)));
    } catch (...) {
      ending.failure = std::current_exception();
    }
    watch_.told();
    close_journal(ending);
    return ending;
  }

 private:
  void open_files(std::uint32_t rank_count, Wakeup& wakeup) {
    const std::string& path = line_.settings.json_path;
    if (!path.empty() && path != "-") json_file_.emplace(path);
    sink_.open_details(line_.job->details_path(), wakeup);
    output_.check();
    if (output_is_begun_ && line_.job->unordered()) {
      throw environment_error(
          "rank 0 died after a part of the output was written, whose lines come in any order: it "
          "cannot continue there; to write all of it, " +
          resume_hint(line_));
    }
    line_.job->begin(line_.settings.resume);
    if (!line_.settings.journal_path.empty()) {
      journal_ = std::make_unique<SqliteJournal>(journal_options(line_, rank_count), wakeup);
    }
  }

  // After the result has arrived: a run that could not tell it is not complete.
  void close_journal(Ending& ending) {
    if (!journal_) return;
    if (const auto damaged = journal_->damaged_count(); damaged > 0) {
      console_.line("warning: " + std::to_string(damaged) +
                    " entries of the journal were damaged; their chunks were computed again");
    }
    try {
      journal_->end(session_end(ending.failure, ending.exit_code));
    } catch (...) {
      if (!ending.failure) ending.failure = std::current_exception();
    }
    if (journal_->hangs()) {
      ending.stuck = true;
      static_cast<void>(journal_.release());
    }
  }

  // What is there of the result is in the journal, or nowhere.
  int tell_stopped(const RunOutcome& outcome) {
    const bool failed = outcome.end == RunEnd::too_many_failed;
    if (failed) view_.tell_failed(outcome.account);
    const std::string why = failed                 ? "stopped because of failed chunks (--on-error)"
                            : watch_.signal() != 0 ? "stopped"
                                                   : "stopped because the time is up";
    const std::string done = std::to_string(observer_.chunks_done());
    const std::string where =
        outcome.account.extent == Extent::open
            ? done + " items done and the input still open"
            : done + " of " + std::to_string(outcome.account.chunk_count) + " chunks done";
    if (journal_) {
      console_.line(why + " with " + where + "; " + resume_hint(line_));
      return static_cast<int>(ExitCode::stopped);
    }
    console_.line(
        why + " with " + where +
        "; nothing was kept, because there is no journal: give --journal FILE to continue "
        "next time");
    if (failed) return static_cast<int>(ExitCode::chunks_failed);
    return watch_.signal() != 0 ? exit_code_of_signal(watch_.signal())
                                : static_cast<int>(ExitCode::stopped);
  }

  int tell(const RunOutcome& outcome) {
    if (outcome.end != RunEnd::complete) return tell_stopped(outcome);
    const std::string json = line_.settings.json_path.empty() ? "" : run_json(line_, outcome);
    sink_.finish_details();
    const bool was_read = write_result(line_.settings.json_path == "-" ? json : printed(outcome));
    if (json_file_) json_file_->write(json);
    if (was_read) view_.tell_end(outcome.account, machine_.host_cores, alone(outcome.account));
    const std::string failure = result_failure(*line_.job, outcome);
    if (was_read && !failure.empty()) console_.line(failure);
    return static_cast<int>(outcome.account.chunks_failed > 0 || !failure.empty()
                                ? ExitCode::chunks_failed
                                : ExitCode::complete);
  }

  std::string alone(const Account& account) const {
    return account.failed.empty() ? "" : only_chunk_hint(line_, account.failed.front().chunk);
  }

  std::string printed(const RunOutcome& outcome) const {
    if (line_.job->emits()) return "";
    std::ostringstream out;
    line_.job->print(outcome.result, out);
    return out.str();
  }

  bool write_result(const std::string& text) {
    try {
      output_.write(view_of(text));
      output_.finish();
      return true;
    } catch (const ReaderGone&) {
      return false;
    }
  }

  CommandLine& line_;
  const Machine machine_;
  const Supervision& supervision_;
  RankWatch& watch_;
  const bool output_is_begun_;  // by a rank 0 that died
  OutputWriter output_;
  RunSink sink_{output_};
  Console console_;
  RunView view_;
  ToldObserver observer_;
  std::optional<ResultFile> json_file_;
  std::unique_ptr<SqliteJournal> journal_;
};

// A job that keeps its limits has a little more time for that, before its process is ended.
IsolationLimits limits_of(const CommandLine& line, const std::optional<LaunchedRank>& launched) {
  constexpr Duration ending_time = std::chrono::seconds(5);
  IsolationLimits limits = line.settings.isolation.limits;
  limits.told.time = limits.timeout;
  limits.kept_by_job = line.job->keeps_limits();
  if (!limits.kept_by_job) return limits;
  if (launched) limits.launcher = launcher_process().value_or(0);
  const Machine machine = find_machine(*line.job, line.settings, launched);
  limits.told.cores =
      std::max(1U, machine.host_cores / std::max(1U, machine.slots * machine.local_ranks));
  limits.told.grace = line.settings.isolation.grace;
  limits.told.secrets = line.settings.secrets();
  if (limits.timeout > Duration::zero()) limits.timeout += limits.told.grace + ending_time;
  return limits;
}

/// A rank's side of the session: what it makes of a spec, and what it computes with.
class RankParts {
 public:
  RankParts(CommandLine& line, std::unique_ptr<Zygote>& zygote,
            const std::optional<LaunchedRank>& launched, const Supervision& supervision)
      : line_(line), zygote_(zygote), launched_(launched), supervision_(supervision) {}

  /// Of a line that resumes: knows the job from then on, and so does the zygote. Throws Error
  /// (usage).
  void take_up(const JobSpec& recorded) {
    taskrun::take_up(line_, recorded);
    if (is_isolated(line_)) {
      zygote_->teach(encode_job_spec(recorded), limits_of(line_, launched_),
                     slots_of(line_, launched_));
    } else {
      zygote_.reset();
    }
  }

  /// On another rank than rank 0.
  std::shared_ptr<Job> make_job(const JobSpec& spec) {
    if (line_.job_is_unknown()) {
      take_up(spec);
    } else if (encode_job_spec(spec) != encode_job_spec(spec_of(line_))) {
      throw usage_error("it was started with another job or other job options than rank 0");
    }
    return job();
  }
  /// The line's, which outlives all runs.
  std::shared_ptr<Job> job() const { return {std::shared_ptr<Job>(), line_.job.get()}; }

  Machine machine() const {
    Machine machine = find_machine(*line_.job, line_.settings, launched_);
    machine.zygote = zygote_.get();
    return machine;
  }
  void equip(RunOptions& options) const {
    Machine all = machine();
    fit_to_descriptors(all, *line_.job, launched_.has_value());
    options.slots = all.slots;
    options.zygote = all.zygote;
    options.marks = marks_of(all, supervision_);
  }

 private:
  CommandLine& line_;
  std::unique_ptr<Zygote>& zygote_;
  const std::optional<LaunchedRank>& launched_;
  const Supervision& supervision_;
};

SessionOptions session_options(const RankParts& parts) {
  SessionOptions options;
  options.build = build_digest();
  options.first_run_deadline = first_run_deadline;
  options.equip = [&parts](const Job&, RunOptions& of_run) { parts.equip(of_run); };
  return options;
}

Ending run_other_rank(RankParts& parts, Transport& transport, Wakeup& wakeup) {
  Session session(
      transport, wakeup, [&parts](const JobSpec& spec) { return parts.make_job(spec); },
      session_options(parts));
  Ending ending;
  try {
    session.serve();
  } catch (...) {
    ending.failure = std::current_exception();
  }
  ending.stuck = session.is_stuck();
  return ending;
}

}  // namespace

std::unique_ptr<Zygote> make_zygote(CommandLine& line,
                                    const std::optional<LaunchedRank>& launched) {
  if (line.job_is_unknown()) {
    return std::make_unique<Zygote>([&line](ByteView told) -> Job& {
      take_up(line, decode_job_spec(told));
      return *line.job;
    });
  }
  if (!is_isolated(line)) return nullptr;
  return std::make_unique<Zygote>(*line.job, limits_of(line, launched), slots_of(line, launched));
}

Ending run_rank(CommandLine& line, std::unique_ptr<Zygote>& zygote,
                const std::optional<LaunchedRank>& launched, const StandardStreams& streams,
                Transport& transport, Wakeup& wakeup, const Supervision& supervision,
                RankWatch& watch) {
  RankParts parts(line, zygote, launched, supervision);
  if (transport.rank() != 0) return run_other_rank(parts, transport, wakeup);
  // Whatever happens here, its end lets the other ranks go.
  Session session(
      transport, wakeup, [&parts](const JobSpec&) { return parts.job(); }, session_options(parts));
  JobSpec spec;
  if (line.job_is_unknown()) {
    try {
      spec = spec_in_journal(line);
      parts.take_up(spec);
    } catch (...) {
      Ending ending;
      ending.failure = std::current_exception();
      return ending;
    }
  } else {
    spec = spec_of(line);
  }
  Machine machine = parts.machine();
  const auto fewer_slots = fit_to_descriptors(machine, *line.job, launched.has_value());
  const bool through_launcher = launched && streams.through_launcher;
  const ReachedStdout out(streams, through_launcher);
  FirstRank first(line, machine, out.fd(), streams,
                  find_terminal(line, streams, through_launcher, out.fd()), wakeup, supervision,
                  watch);
  if (fewer_slots) first.warn(*fewer_slots);
  return first.run(session, spec, transport.size(), wakeup);
}

}  // namespace taskrun
