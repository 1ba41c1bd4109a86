// SPDX-License-Identifier: MIT
#include "app/cli/command_line.hpp"

#include <algorithm>
#include <set>

#include "app/cli/command_words.hpp"
#include "app/cli/foreign_options.hpp"
#include "app/cli/fresh_job.hpp"
#include "app/cli/option_splitter.hpp"
#include "app/cli/setting_params.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/core/suggestion.hpp"

namespace taskrun {
namespace {

using Arguments = std::vector<std::string>;

// All at once, so that one that is given twice is seen.
void set(const Param& param, const Arguments& values, const Arguments& option_names) {
  if (param.is_flag()) {
    if (!values.empty()) param.parse("");
    return;
  }
  const std::string name = "--" + param.name;
  if (values.size() > 1 && param.given == Param::Given::once) {
    throw usage_error(name + " is given twice (" + values[0] + " and " + values[1] +
                      "); give it once");
  }
  const auto& names = option_names;
  for (const auto& value : values) {
    // The value is missing and the next option was taken for it.
    if (std::find(names.begin(), names.end(), value) != names.end()) {
      throw usage_error(name + " needs a value; " + value + " follows it");
    }
    param.parse(value);
  }
}

// The command whose option it is; empty where it is none's.
std::string command_with(const std::string& name, const Commands& commands) {
  for (const Command& command : commands.named) {
    if (command.run_options != Command::RunOptions::listed) continue;
    const auto action = command.make();
    const auto options = action->options();
    if (std::any_of(options.begin(), options.end(),
                    [&](const Param& param) { return is_spelled(param, name); })) {
      return std::string(command.name);
    }
  }
  return "";
}

Error unexpected(const std::string& argument, const CommandLine& line) {
  std::string text = "unexpected argument '" + argument + "': ";
  if (argument == "help") {
    text += "--help shows how to use it";
  } else if (line.command->takes_journal()) {
    text += "one journal at a time";
  } else {
    text += "options are written --name value";
    if (line.entry != nullptr) text += ", and one job is run at a time";
  }
  return usage_error(text);
}

[[noreturn]] void refuse(const std::string& argument, const CommandLine& line,
                         const std::vector<std::string>& option_names) {
  if (!is_option(argument)) throw unexpected(argument, line);
  const std::string name = argument.substr(0, argument.find('='));
  const std::string program = shell_word(line.program);
  const bool takes_commands = line.entry != nullptr && takes_rest(line.params);
  std::string instead = advice_on_foreign(name, takes_commands, program);
  const std::string command = command_with(name, *line.commands);
  if (!command.empty()) instead = "'" + program + " " + command + "' takes it";
  instead = instead.empty() ? suggestion(name, option_names) : "; " + instead;
  const bool resumes =
      line.command->takes_journal() && line.command->run_options != Command::RunOptions::refused;
  if (instead.empty() && resumes) {
    instead = "; options of the job are in the journal and stay as they were";
  }
  if (instead.empty()) {
    const std::string page = line.entry != nullptr   ? line.entry->name + " "
                             : line.topic != nullptr ? std::string(line.topic->name) + " "
                                                     : "";
    instead = "; '" + program + " " + page + "--help' shows the options";
  }
  throw usage_error("unknown option " + name + instead);
}

// The values without a name go to the job that takes some; or the first one
// names a journal.
void set_arguments(const Arguments& values, const CommandLine& line,
                   const std::vector<Param>& params, const Arguments& option_names) {
  const auto param =
      std::find_if(params.begin(), params.end(), [](const Param& p) { return p.is_arguments(); });
  for (const auto& value : values) {
    if (param == params.end() || is_option(value)) refuse(value, line, option_names);
    param->parse(value);
  }
  if (!line.plain.empty() && param == params.end()) throw unexpected(line.plain.front(), line);
  for (const auto& value : line.plain) param->parse(value);
}

void set_journal(const Arguments& values, CommandLine& line, const Arguments& option_names) {
  for (const auto& value : values) {
    if (is_option(value)) refuse(value, line, option_names);
    if (!line.file.empty()) throw unexpected(value, line);
    line.file = value;
  }
  if (line.file.empty()) {
    throw usage_error("missing journal; give its file: " + shell_word(line.program) + " " +
                      std::string(line.command->name) + " FILE");
  }
}

void set_word(const Arguments& values, CommandLine& line, const Arguments& option_names) {
  const auto& words = line.command->words;
  for (const auto& value : values) {
    if (is_option(value)) refuse(value, line, option_names);
    if (!line.word.empty()) throw unexpected(value, line);
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      throw usage_error(std::string(line.command->name) + " " + printable_shell_word(value) +
                        ": expected " + either(words) + suggestion(value, words));
    }
    line.word = value;
  }
  if (line.word.empty()) {
    throw usage_error(std::string(line.command->name) + " needs one more word: " + either(words));
  }
}

// For the author of a job: its options must be told from each other and from those of any run.
void require_distinct(const CommandLine& line) {
  std::set<std::string> taken{"--help", "-h", "--version"};
  for (const auto& spelling : spellings(options_of_any_run(*line.commands))) taken.insert(spelling);
  const auto known = taken;
  for (const auto& spelling : spellings(line.params.all())) {
    if (taken.insert(spelling).second) continue;
    throw usage_error("the job '" + line.entry->name + "' declares " + spelling +
                      (known.count(spelling) > 0 ? ", which is an option of every run" : " twice") +
                      ": give the job's option another name");
  }
}

// Remembers what it is given.
Param remembered(Param param, std::vector<CommandLine::Given>& given) {
  param.parse = [parse = std::move(param.parse), name = param.name, &given](std::string_view text) {
    parse(text);
    given.push_back({name, std::string(text)});
  };
  return param;
}

void check_given(const CommandLine& line) {
  for (const auto& [name, text] : line.given) {
    if (!line.command->refuses_option(name)) continue;
    throw usage_error("--" + name + " does not go with " + std::string(line.command->why_refused) +
                      ": leave it out");
  }
  if (line.settings.isolation.only_chunk && line.command != &line.commands->run) {
    throw usage_error(
        "--only-chunk computes one chunk of a job in this process: give the job without another "
        "command");
  }
}

void parse_options(CommandLine& line) {
  std::vector<Param> params;
  if (line.command->run_options != Command::RunOptions::refused) params = run_params(line.settings);
  for (auto& param : line.action->options()) params.push_back(std::move(param));
  params.insert(params.end(), line.params.all().begin(), line.params.all().end());
  for (Param& param : params) param = remembered(std::move(param), line.given);
  Arguments names{"--help", "--version"};
  for (const auto& param : params) {
    if (!param.is_arguments()) names.push_back("--" + param.name);
  }
  require_distinct(line);

  const SplitArguments split = split_arguments(line.arguments, params);
  for (std::size_t i = 0; i < params.size(); ++i) set(params[i], split.values[i], names);
  if (line.command->takes_journal()) {
    Arguments values = split.rest;
    values.insert(values.end(), line.plain.begin(), line.plain.end());
    set_journal(values, line, names);
  } else if (line.command->takes == Command::Takes::word) {
    set_word(split.rest, line, names);
  } else {
    set_arguments(split.rest, line, params, names);
  }
  check_given(line);
}

// Which option says how many slots there are depends on the job, some on the job's own options.
void check_slots(const CommandLine& line) {
  const bool io_bound = line.job->io_bound();
  if (io_bound && line.settings.thread_count > 0) {
    throw usage_error("--threads is for CPU-bound jobs; " + line.entry->name +
                      " is I/O-bound here: give --io-threads");
  }
  if (!io_bound && line.settings.io_thread_count > 0) {
    throw usage_error("--io-threads is for I/O-bound jobs; " + line.entry->name +
                      " is CPU-bound here: give --threads");
  }
}

// Who asks for help gets it, whatever else the line says.
bool asks_for(const Arguments& arguments, std::initializer_list<const char*> spellings) {
  return std::find_first_of(arguments.begin(), arguments.end(), spellings.begin(),
                            spellings.end()) != arguments.end();
}

// What holds of a run's line as a whole.
void check_run(const CommandLine& line) {
  check(line.settings);
  line.job->check();
  check_slots(line);
  if (line.settings.json_path == "-" && line.job->emits() && line.command->writes_result) {
    throw usage_error(
        "--json - and what the job writes would both go to stdout; give --json a file");
  }
}

}  // namespace

void take_up(CommandLine& line, const JobSpec& recorded) {
  line.entry = line.jobs->find(recorded.name);
  if (line.entry == nullptr) {
    throw usage_error("the journal " + line.file + " is of the job '" + recorded.name +
                      "', which this program does not have");
  }
  line.job = line.entry->make();
  line.job->declare(line.params);
  line.settings.journal_path = line.file;
  line.settings.resume = true;
  std::vector<Param> params = run_params(line.settings);
  params.insert(params.end(), line.params.all().begin(), line.params.all().end());
  for (const auto& [name, text] : recorded.values) {
    const auto has_name = [&wanted = name](const auto& one) { return one.name == wanted; };
    if (std::any_of(line.given.begin(), line.given.end(), has_name)) continue;
    const auto param = std::find_if(params.begin(), params.end(), has_name);
    if (param == params.end()) continue;
    param->parse(text);
    line.taken_up.push_back({name, text});
  }
  check_run(line);
}

std::unique_ptr<CommandLine> parse_command_line(const Arguments& given, const Commands& commands,
                                                const Registry& jobs, const std::string& program) {
  auto line = std::make_unique<CommandLine>();
  line->commands = &commands;
  line->jobs = &jobs;
  line->program = program;
  line->arguments = given;
  line->plain = take_plain(line->arguments, *line);
  const bool version = asks_for(line->arguments, {"--version"});
  const bool help = asks_for(line->arguments, {"--help", "-h"});
  if (version) {
    line->command = &commands.at("version");
  } else {
    find_command_and_job(line->arguments, *line);
    if (help) line->command = &commands.at("help");
  }
  line->action = line->command->make();
  if (line->entry != nullptr) {
    line->job = line->entry->make();
    line->job->declare(line->params);
  }
  if (version || help) return line;
  parse_options(*line);
  if (!line->command->takes_job() || !line->file.empty()) return line;
  if (line->entry == nullptr) {
    const std::string name = shell_word(program);
    throw usage_error("missing job name; '" + name + " list' shows the jobs, '" + name +
                      " --help' how to use them");
  }
  check_run(*line);
  return line;
}

}  // namespace taskrun
