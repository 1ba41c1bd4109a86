// SPDX-License-Identifier: MIT
#include "app/run_journal.hpp"

#include <optional>

#include "app/cli/fresh_job.hpp"
#include "app/cli/given_secrets.hpp"
#include "app/cli/hints.hpp"
#include "app/output.hpp"
#include "app/program_version.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/printable.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/journal/journal_file.hpp"
#include "taskrun/journal/journal_reader.hpp"
#include "taskrun/os/build_digest.hpp"

namespace taskrun {
namespace {

// Of the command that a journal stands for.
constexpr std::size_t most_described_bytes = 500;

std::string program_text() {
  char build[20];
  snprintf(build, sizeof build, "%016llx", static_cast<unsigned long long>(build_digest()));
  return std::string(program_version()) + " (build " + build + ")";
}

bool is_of_run(const std::string& name) {
  RunSettings settings;
  return param_named(run_params(settings), name) != nullptr;
}

// As a journal holds it that keeps no secrets, and beside it as it is.
Fact masked_fact(Fact::Kind kind, const std::string& name, const std::string& value,
                 const std::string& shown) {
  return {kind, name, shown, shown == value ? "" : value};
}

JobSpec recorded_in(const std::string& path) {
  JobSpec recorded;
  const Fingerprint facts = JournalReader(path).fingerprint();
  if (lacks_secrets(facts)) {
    throw usage_error("the journal " + path +
                      " does not hold the secrets of its command, which it masks as ***: give the "
                      "whole command again, with --journal " +
                      printable_shell_word(path) +
                      " --resume (begun with --keep-secrets, the file alone is enough)");
  }
  for (const Fact& fact : facts) {
    if (fact.kind == Fact::Kind::job) recorded.name = fact.value;
    if (fact.kind == Fact::Kind::argument || fact.kind == Fact::Kind::option) {
      recorded.values.push_back({fact.name, fact.value});
    }
  }
  return recorded;
}

// The command that the journal stands for, for people.
std::string described(const JobSpec& recorded, const Registry& jobs) {
  const FreshJob fresh(jobs.find(recorded.name));
  std::string text = printable_shell_word(recorded.name);
  for (const auto& given : recorded.values) {
    const Param* const param = param_named(fresh.params.all(), given.name);
    if (param == nullptr || !param->is_arguments()) text += " --" + printable(given.name);
    if (param == nullptr || !param->is_flag()) text += " " + printable_shell_word(given.text);
  }
  const std::string_view shown = first_bytes(text, most_described_bytes);
  return std::string(shown) + (shown.size() < text.size() ? " ..." : "");
}

// What a journal says is run, with the rights of whoever resumes it.
void expect_trust(const CommandLine& line, const JobSpec& recorded) {
  const auto author = line.settings.trust ? std::nullopt : other_author(line.file);
  if (!author) return;
  throw usage_error("the journal " + line.file + " may have been written by " + *author +
                    "; resuming it runs: " + described(recorded, *line.jobs) +
                    "; if that is to be run, add --trust");
}

}  // namespace

JournalOptions journal_options(const CommandLine& line, std::uint32_t rank_count) {
  const RunSettings& settings = line.settings;
  JournalOptions options;
  options.path = settings.journal_path;
  options.start = settings.resume ? JournalStart::resumed : JournalStart::fresh;
  options.inputs = settings.hash_inputs ? InputIdentity::content : InputIdentity::size_and_time;
  options.program = program_version();
  options.resume_command = resume_command(line);
  options.secrets = settings.secrets();
  options.rank_count = rank_count;
  auto& facts = options.fingerprint;
  facts.push_back({Fact::Kind::job, "job", line.entry->name});
  facts.push_back({Fact::Kind::program, "program", program_text()});
  for (const auto& param : line.params.all()) {
    const std::string value = param.value();
    facts.push_back(masked_fact(Fact::Kind::param, param.name, value,
                                shown_value(param, value, Secrets::masked)));
  }
  const auto shown = shown_given(line.given, Secrets::masked);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto& [name, text] = line.given[i];
    const bool of_run = is_of_run(name);
    if (of_run && !is_kept_for_resume(name)) continue;
    facts.push_back(
        masked_fact(of_run ? Fact::Kind::option : Fact::Kind::argument, name, text, shown[i].text));
  }
  return options;
}

SessionEnd session_end(const std::exception_ptr& failure, int exit_code) {
  SessionEnd end{Verdict::failed, exit_code, ""};
  if (failure) {
    end.exit_code = static_cast<int>(ExitCode::environment);
    end.reason = described(failure);
    try {
      std::rethrow_exception(failure);
    } catch (const Error& error) {
      end.exit_code = static_cast<int>(error.code());
    } catch (const ReaderGone&) {
      end.exit_code = static_cast<int>(ExitCode::complete);
      end.verdict = Verdict::stopped;
    } catch (...) {
      // Told as the environment's.
    }
  }
  if (end.exit_code == static_cast<int>(ExitCode::stopped)) end.verdict = Verdict::stopped;
  if (failure) return end;
  if (exit_code == static_cast<int>(ExitCode::complete)) end.verdict = Verdict::complete;
  if (exit_code == static_cast<int>(ExitCode::chunks_failed)) end.verdict = Verdict::chunks_failed;
  return end;
}

JobSpec spec_in_journal(const CommandLine& line) {
  JobSpec recorded = recorded_in(line.file);
  expect_trust(line, recorded);
  return recorded;
}

}  // namespace taskrun
