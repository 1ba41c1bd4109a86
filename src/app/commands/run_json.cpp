// SPDX-License-Identifier: MIT
#include "app/commands/run_json.hpp"

#include <nlohmann/json.hpp>

#include "app/cli/given_secrets.hpp"
#include "app/cli/hints.hpp"
#include "app/cli/param_json.hpp"
#include "app/program_version.hpp"
#include "taskrun/report/account_json.hpp"

namespace taskrun {

using nlohmann::json;

std::string result_failure(const Job& job, const RunOutcome& outcome) {
  return job.emits() || !outcome.result.has_value() ? "" : job.failure(outcome.result);
}

std::string run_json(const CommandLine& line, const RunOutcome& outcome) {
  json params = json::object();
  const Secrets secrets = line.settings.secrets();
  for (const auto& param : line.params.all()) {
    params[param.name] = param_json(param, shown_value(param, param.value(), secrets));
  }
  json failed = failed_json(outcome.account);
  for (std::size_t i = 0; i < failed.size(); ++i) {
    failed[i]["error"] = shown_with(secrets, outcome.account.failed[i].error);
    failed[i]["command"] = only_chunk_command(line, outcome.account.failed[i].chunk);
  }
  const std::string failure = result_failure(*line.job, outcome);
  const bool is_complete = outcome.account.chunks_failed == 0 && failure.empty();
  const std::uint64_t not_listed = outcome.account.chunks_failed - failed.size();
  const std::string& journal = line.settings.journal_path;
  const bool can_list = not_listed > 0 && !journal.empty();
  json all = {
      {"version", program_version()},
      {"job", line.entry->name},
      {"params", std::move(params)},
      {"verdict", is_complete ? "complete" : "chunks_failed"},
      {"result", line.job->emits() ? json() : line.job->json(outcome.result)},
      {"account", account_json(outcome.account)},
      {"failed", std::move(failed)},
      {"failed_not_listed", not_listed},
      {"failed_all_command", can_list ? json(failed_command(line.program, journal)) : json()}};
  if (!failure.empty()) all["failure"] = shown_with(secrets, failure);
  // Errors of a job may quote anything, also what is no UTF-8.
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace taskrun
