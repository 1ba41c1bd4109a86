// SPDX-License-Identifier: MIT
#include "app/commands/completion_tables.hpp"

#include <algorithm>

#include "app/cli/fresh_job.hpp"
#include "app/cli/run_settings.hpp"

namespace taskrun {
namespace {

// Those that go with the command.
std::vector<Param> run_options_of(const Command& command) {
  if (command.run_options != Command::RunOptions::listed && !command.takes_job()) return {};
  RunSettings settings;
  std::vector<Param> params = told(run_params(settings));
  std::erase_if(params, [&](const Param& param) { return !command.takes_run_option(param.name); });
  return params;
}

Subject subject_of(const Command& command) {
  const auto action = command.make();
  return {std::string(command.name), std::string(command.help), told(action->options()),
          run_options_of(command)};
}

Subject subject_of(const Registry::Entry& entry) {
  const FreshJob fresh(&entry);
  Subject subject{entry.name, entry.help, told(fresh.params.all()), {}, takes_rest(fresh.params)};
  std::erase_if(subject.options, [](const Param& param) { return param.is_arguments(); });
  return subject;
}

}  // namespace

CompletionTables completion_tables(std::string program, const Commands& commands,
                                   const Registry& jobs) {
  CompletionTables tables;
  tables.program = std::move(program);
  for (const Command& command : commands.named) {
    const std::string name(command.name);
    tables.commands.push_back(subject_of(command));
    if (command.takes_job()) tables.with_job.push_back(name);
    if (command.takes_journal()) tables.with_journal.push_back(name);
    if (command.takes == Command::Takes::topic) tables.with_topic.push_back(name);
    if (command.takes == Command::Takes::word) tables.with_words.push_back({name, command.words});
  }
  for (const auto& entry : jobs.entries()) tables.jobs.push_back(subject_of(entry));
  tables.run_options = run_options_of(commands.run);
  return tables;
}

std::vector<std::string> words_of(const Param& param) {
  std::string range = param.range;
  if (range.find(" to ") != range.npos || range.find("from ") != range.npos) return {};
  if (const auto last = range.rfind(" or "); last != range.npos) range.replace(last, 4, ", ");
  std::vector<std::string> words;
  for (std::string_view rest = range; !rest.empty();) {
    const auto end = std::min(rest.find(", "), rest.size());
    const std::string_view listed = rest.substr(0, end);
    const std::string word(
        listed.substr(0, listed.find('=') == listed.npos ? listed.size() : listed.find('=') + 1));
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return words.size() > 1 ? words : std::vector<std::string>();
}

bool may_be_file(const Param& param) {
  const bool is_text =
      param.value_name == "FILE" || param.value_name == "PATH" || param.value_name == "TEXT";
  return is_text && words_of(param).empty();
}

}  // namespace taskrun
