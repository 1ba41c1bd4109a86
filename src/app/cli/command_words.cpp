// SPDX-License-Identifier: MIT
#include "app/cli/command_words.hpp"

#include <algorithm>
#include <set>

#include "app/cli/fresh_job.hpp"
#include "app/cli/option_splitter.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/core/suggestion.hpp"

namespace taskrun {
namespace {

using Arguments = std::vector<std::string>;

Error no_such_job(std::string_view typed, const CommandLine& line) {
  std::vector<std::string> names;
  for (const auto& entry : line.jobs->entries()) names.push_back(entry.name);
  const bool may_be_command =
      line.command == &line.commands->run || line.command->takes == Command::Takes::topic;
  if (!may_be_command && line.commands->find(typed) != nullptr) {
    return usage_error("'" + std::string(typed) + "' is a command and no job; give one of them: '" +
                       shell_word(line.program) + " help " + std::string(typed) +
                       "' shows how to use it");
  }
  if (may_be_command) {
    for (const auto& command : line.commands->named) names.emplace_back(command.name);
  }
  const std::string near = suggestion(typed, names);
  return usage_error(
      (may_be_command ? "unknown job or command '" : "unknown job '") + std::string(typed) + "'" +
      (near.empty() ? "; '" + shell_word(line.program) + " list' shows the jobs" : near));
}

// The arguments that are neither options nor the values of these or of run options. Values of job
// options are among them where those are not given: which options take one is known once the job
// is.
std::vector<std::size_t> bare_positions(const Arguments& arguments, const Commands& commands,
                                        const std::vector<Param>& of_job = {}) {
  std::vector<Param> params = options_of_any_run(commands);
  params.insert(params.end(), of_job.begin(), of_job.end());
  std::set<std::string> flags;
  std::set<std::string> with_value;
  for (const auto& param : params) {
    auto& names = param.is_flag() ? flags : with_value;
    names.insert("--" + param.name);
    if (param.letter != '\0') names.insert(std::string("-") + param.letter);
  }
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (with_value.count(arguments[i]) > 0) {
      ++i;
    } else if (!is_option(arguments[i]) && flags.count(arguments[i]) == 0) {
      positions.push_back(i);
    }
  }
  return positions;
}

// Where the words of a job begin that takes all that follows its options; the end for other jobs.
std::size_t begin_of_rest(const Arguments& arguments, const CommandLine& line) {
  const Registry& jobs = *line.jobs;
  const auto bare = bare_positions(arguments, *line.commands);
  const auto named = std::find_if(bare.begin(), bare.end(),
                                  [&](auto i) { return jobs.find(arguments[i]) != nullptr; });
  if (named == bare.end()) return arguments.size();
  const auto* const command = line.commands->find(arguments[bare.front()]);
  if (bare.front() != *named && command != nullptr && command->takes_journal()) {
    return arguments.size();
  }
  const FreshJob fresh(jobs.find(arguments[*named]));
  if (!takes_rest(fresh.params)) return arguments.size();
  const auto of_job = bare_positions(arguments, *line.commands, fresh.params.all());
  const auto first = std::upper_bound(of_job.begin(), of_job.end(), *named);
  return first == of_job.end() ? arguments.size() : *first;
}

void erase_at(Arguments& arguments, std::size_t position) {
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(position));
}

}  // namespace

std::vector<Param> options_of_any_run(const Commands& commands) {
  RunSettings settings;
  std::vector<Param> all = run_params(settings);
  for (const Command& command : commands.named) {
    if (command.run_options != Command::RunOptions::listed) continue;
    const auto action = command.make();
    for (auto& param : action->options()) all.push_back(std::move(param));
  }
  return told(std::move(all));
}

Arguments take_plain(Arguments& arguments, const CommandLine& line) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  const bool has_dashes = dashes != arguments.end();
  Arguments after(has_dashes ? dashes + 1 : dashes, arguments.end());
  Arguments before(arguments.begin(), dashes);
  const auto begin = begin_of_rest(before, line);
  if (begin == before.size()) {
    arguments = std::move(before);
    return after;
  }
  const auto cut = arguments.begin() + static_cast<std::ptrdiff_t>(begin);
  Arguments rest(cut, arguments.end());  // with the dashes, if there are some
  arguments.erase(cut, arguments.end());
  return rest;
}

void find_command_and_job(Arguments& arguments, CommandLine& line) {
  using Takes = Command::Takes;
  const auto bare = bare_positions(arguments, *line.commands);
  const auto is_job = [&](std::size_t i) { return line.jobs->find(arguments[i]) != nullptr; };
  std::vector<std::size_t> taken;
  line.command = &line.commands->run;
  if (!bare.empty() && !is_job(bare[0])) {
    if (const auto* const command = line.commands->find(arguments[bare[0]])) {
      line.command = command;
      line.topic = command->takes == Takes::topic ? nullptr : command;
      taken.push_back(bare[0]);
    }
  }
  const Takes takes = line.command->takes;
  if (takes == Takes::topic && bare.size() > 1 && !is_job(bare[1])) {
    line.topic = line.commands->find(arguments[bare[1]]);
    if (line.topic != nullptr) taken.push_back(bare[1]);
  }
  if (takes == Takes::job_or_journal && bare.size() > 2 && arguments[bare[1]] == "resume") {
    line.file = arguments[bare[2]];
    for (const auto i : {bare[2], bare[1], bare[0]}) erase_at(arguments, i);
    return;
  }
  const bool names_job = line.command->takes_job() || takes == Takes::topic;
  const auto found =
      std::find_if(bare.begin() + static_cast<std::ptrdiff_t>(taken.size()), bare.end(), is_job);
  if (found != bare.end() && names_job) {
    line.entry = line.jobs->find(arguments[*found]);
    taken.push_back(*found);
  } else if (names_job) {
    for (std::size_t i = taken.size(); i < bare.size(); ++i) {
      const bool maybe_value = bare[i] > 0 && is_option(arguments[bare[i] - 1]);
      if (!maybe_value) throw no_such_job(arguments[bare[i]], line);
    }
  }
  for (auto i = taken.rbegin(); i != taken.rend(); ++i) erase_at(arguments, *i);
}

}  // namespace taskrun
