// SPDX-License-Identifier: MIT
#include "app/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <set>

#include "app/cli/command_info.hpp"
#include "app/cli/command_words.hpp"
#include "app/cli/foreign_options.hpp"
#include "taskrun/core/contract.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/core/suggestion.hpp"

namespace taskrun {
namespace {

using Arguments = std::vector<std::string>;
using Command = CommandLine::Command;

std::string cli_name(const Param& param) {
  const std::string letter = param.letter == '\0' ? "" : std::string("-") + param.letter + ",";
  return letter + "--" + param.name;
}

void set(const Param& param, const std::vector<std::string>& values,
         const std::vector<std::string>& option_names) {
  const std::string name = "--" + param.name;
  if (values.size() > 1 && param.given == Param::Given::once) {
    throw usage_error(name + " is given twice (" + values[0] + " and " + values[1] +
                      "); give it once");
  }
  // The value is missing and the next option was taken for it.
  const auto& names = option_names;
  for (const auto& value : values) {
    if (std::find(names.begin(), names.end(), value) != names.end()) {
      throw usage_error(name + " needs a value; " + value + " follows it");
    }
    param.parse(value);
  }
}

void add_option(CLI::App& app, const Param& param, const std::vector<std::string>& option_names) {
  if (param.is_arguments()) return;  // the library hands back what belongs to no option
  if (param.is_flag()) {
    app.add_flag_callback(cli_name(param), [&param] { param.parse(""); })->disable_flag_override();
    return;
  }
  const auto take = [&param, &option_names](const std::vector<std::string>& values) {
    set(param, values, option_names);
    return true;
  };
  app.add_option(cli_name(param), take)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// The library's own words for what it finds wrong, made ours.
Error parse_failure(const CLI::ParseError& error, const Arguments& arguments,
                    const std::vector<Param>& params) {
  const std::string what = error.what();
  const auto lacks_value = std::find_if(params.begin(), params.end(), [&](const Param& param) {
    return !param.is_flag() && !arguments.empty() && is_spelled(param, arguments.back());
  });
  if (lacks_value != params.end()) {
    return usage_error("--" + lacks_value->name + " needs a value, and none follows");
  }
  if (error.get_name() == "ArgumentMismatch") {
    // Sometimes with the dashes, sometimes without.
    const std::string bare = what.substr(0, what.find_first_of(": "));
    const std::string name = is_option(bare) ? bare : "--" + bare;
    return usage_error(name + " takes no value; give it alone, or leave it out");
  }
  return usage_error(what);
}

// The command whose option it is; empty where it is none's.
std::string command_with(const std::string& name) {
  LaunchSettings launch;
  CompareSettings compare;
  const auto is_among = [&](const std::vector<Param>& params) {
    return std::any_of(params.begin(), params.end(),
                       [&](const Param& param) { return is_spelled(param, name); });
  };
  if (is_among(launch_params(launch))) return "launch";
  return is_among(compare_params(compare)) ? "compare" : "";
}

Error unexpected(const std::string& argument, const CommandLine& line) {
  std::string text = "unexpected argument '" + argument + "': ";
  if (argument == "help") {
    text += "--help shows how to use it";
  } else if (line.command == Command::resume) {
    text += "one journal at a time";
  } else {
    text += "options are written --name value";
    if (line.entry != nullptr) text += ", and one job is run at a time";
  }
  return usage_error(text);
}

void refuse(const std::string& argument, const CommandLine& line,
            const std::vector<std::string>& option_names) {
  if (!is_option(argument)) throw unexpected(argument, line);
  const std::string name = argument.substr(0, argument.find('='));
  const std::string program = shell_word(line.program);
  const bool takes_commands = line.entry != nullptr && takes_rest(line.params);
  std::string instead = advice_on_foreign(name, takes_commands, program);
  const std::string command = command_with(name);
  if (!command.empty()) instead = "'" + program + " " + command + "' takes it";
  instead = instead.empty() ? suggestion(name, option_names) : "; " + instead;
  if (instead.empty() && line.command == Command::resume) {
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

// The values without a name go to the job that takes some.
void set_arguments(const Arguments& values, const Arguments& plain, const CommandLine& line,
                   const std::vector<Param>& params, const std::vector<std::string>& option_names) {
  const auto param =
      std::find_if(params.begin(), params.end(), [](const Param& p) { return p.is_arguments(); });
  for (const auto& value : values) {
    if (param == params.end() || is_option(value)) refuse(value, line, option_names);
    param->parse(value);
  }
  if (!plain.empty() && param == params.end()) {
    throw unexpected(plain.front(), line);
  }
  for (const auto& value : plain) param->parse(value);
}

std::vector<std::string> spellings(const std::vector<Param>& params) {
  std::vector<std::string> all;
  for (const auto& param : params) {
    if (param.is_arguments()) continue;
    all.push_back("--" + param.name);
    if (param.letter != '\0') all.push_back(std::string("-") + param.letter);
  }
  return all;
}

// For the author of a job: its options must be told from each other and from those of any run.
void require_distinct(const CommandLine& line) {
  RunSettings run;
  LaunchSettings launch;
  CompareSettings compare;
  std::set<std::string> taken{"--help", "-h", "--version"};
  for (const auto& params : {run_params(run), launch_params(launch), compare_params(compare)}) {
    for (const auto& spelling : spellings(params)) taken.insert(spelling);
  }
  const auto known = taken;
  for (const auto& spelling : spellings(line.params.all())) {
    if (taken.insert(spelling).second) continue;
    throw usage_error("the job '" + line.entry->name + "' declares " + spelling +
                      (known.count(spelling) > 0 ? ", which is an option of every run" : " twice") +
                      ": give the job's option another name");
  }
}

// All but the options of launch: what is left is for the ranks.
Arguments rank_arguments(const Arguments& arguments, const Arguments& plain,
                         const CommandLine& line) {
  LaunchSettings settings;
  Arguments left;
  if (line.entry != nullptr) left.push_back(line.entry->name);
  if (!line.file.empty()) left.insert(left.end(), {"resume", line.file});
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    bool value_follows = false;
    bool has_value = false;
    for (const auto& param : launch_params(settings)) {
      value_follows |= is_spelled(param, argument);
      has_value |= argument.starts_with("--" + param.name + "=") ||
                   (argument.size() > 2 && is_spelled(param, argument.substr(0, 2)));
    }
    if (!value_follows && !has_value) left.push_back(argument);
    if (value_follows) ++i;
  }
  if (!plain.empty()) left.emplace_back("--");
  left.insert(left.end(), plain.begin(), plain.end());
  return left;
}

// Remembers what it is given.
Param remembered(Param param, std::vector<CommandLine::Given>& given) {
  param.parse = [parse = std::move(param.parse), name = param.name, &given](std::string_view text) {
    parse(text);
    given.push_back({name, std::string(text)});
  };
  return param;
}

void check_compare(const CommandLine& line) {
  for (const auto& [name, text] : line.given) {
    if (!is_refused_by_compare(name)) continue;
    throw usage_error("--" + name + " does not go with compare, whose runs are measured and " +
                      "forgotten: leave it out");
  }
}

void parse_options(Arguments arguments, const Arguments& plain, CommandLine& line) {
  std::vector<Param> params = run_params(line.settings);
  if (line.command == Command::launch) {
    for (auto& param : launch_params(line.launch)) params.push_back(std::move(param));
  }
  if (line.command == Command::compare) {
    for (auto& param : compare_params(line.compare)) params.push_back(std::move(param));
  }
  params.insert(params.end(), line.params.all().begin(), line.params.all().end());
  for (Param& param : params) param = remembered(std::move(param), line.given);
  std::vector<std::string> names{"--help", "--version"};
  for (const auto& param : params) {
    if (!param.is_arguments()) names.push_back("--" + param.name);
  }
  require_distinct(line);

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (const auto& param : params) add_option(app, param, names);
  try {
    Arguments reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    throw parse_failure(error, arguments, params);
  }
  set_arguments(app.remaining(), plain, line, params, names);
  if (line.command == Command::compare) check_compare(line);
  if (line.settings.isolation.only_chunk && line.command != Command::run) {
    throw usage_error(
        "--only-chunk computes one chunk of a job in this process: give the job without another "
        "command");
  }
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

// Of `status` and `log`: a file and a few flags.
void parse_look(const Arguments& arguments, CommandLine& line) {
  const auto params =
      look_params(line.look, line.command == Command::log ? LookAt::log : LookAt::status);
  std::vector<std::string> names{"--help"};
  for (const auto& param : params) names.push_back("--" + param.name);
  for (const auto& argument : arguments) {
    const auto param = std::find_if(params.begin(), params.end(), [&](const Param& known) {
      return is_spelled(known, argument);
    });
    if (param != params.end()) {
      param->parse("");
    } else if (is_option(argument)) {
      refuse(argument, line, names);
    } else if (!line.file.empty()) {
      throw usage_error("unexpected argument '" + argument + "': one journal at a time");
    } else {
      line.file = argument;
    }
  }
}

void parse_of_journal(Arguments arguments, const Arguments& plain, CommandLine& line) {
  if (line.command == Command::resume) {
    parse_options(std::move(arguments), plain, line);
  } else {
    arguments.insert(arguments.end(), plain.begin(), plain.end());
    parse_look(arguments, line);
  }
  if (line.file.empty()) {
    throw usage_error("missing journal; give its file: " + shell_word(line.program) + " " +
                      std::string(line.topic->name) + " FILE");
  }
}

// What holds of a run's line as a whole.
void check_run(const CommandLine& line) {
  check(line.settings);
  line.job->check();
  check_slots(line);
  if (line.settings.json_path == "-" && line.job->emits() && line.command != Command::compare) {
    throw usage_error(
        "--json - and what the job writes would both go to stdout; give --json a file");
  }
}

}  // namespace

void take_up(CommandLine& line, const std::string& job,
             const std::vector<CommandLine::Given>& given) {
  line.command = Command::run;
  line.entry = line.jobs->find(job);
  if (line.entry == nullptr) {
    throw usage_error("the journal " + line.file + " is of the job '" + job +
                      "', which this program does not have");
  }
  line.job = line.entry->make();
  line.job->declare(line.params);
  line.settings.journal_path = line.file;
  line.settings.resume = true;
  std::vector<Param> params = run_params(line.settings);
  params.insert(params.end(), line.params.all().begin(), line.params.all().end());
  for (const auto& [name, text] : given) {
    const auto has_name = [&wanted = name](const auto& one) { return one.name == wanted; };
    if (std::any_of(line.given.begin(), line.given.end(), has_name)) continue;
    const auto param = std::find_if(params.begin(), params.end(), has_name);
    if (param == params.end()) continue;
    param->parse(text);
    line.taken_up.push_back({name, text});
  }
  check_run(line);
}

std::unique_ptr<CommandLine> parse_command_line(const Arguments& given, const Registry& jobs,
                                                const std::string& program) {
  auto line = std::make_unique<CommandLine>();
  line->jobs = &jobs;
  line->program = program;
  Arguments arguments = given;
  const Arguments plain = take_plain(arguments, jobs);
  if (asks_for(arguments, {"--version"})) {
    line->command = Command::version;
    return line;
  }
  const bool help = asks_for(arguments, {"--help", "-h"});
  find_command_and_job(arguments, jobs, *line);
  if (help) line->command = Command::help;
  if (line->entry != nullptr) {
    line->job = line->entry->make();
    line->job->declare(line->params);
  }
  if (help) return line;
  if (line->command == Command::launch)
    line->rank_arguments = rank_arguments(arguments, plain, *line);
  if (line->topic != nullptr && line->topic->takes_journal && line->command != Command::help) {
    parse_of_journal(arguments, plain, *line);
    return line;
  }
  parse_options(std::move(arguments), plain, *line);
  const bool needs_job = line->command != Command::list && line->command != Command::help &&
                         line->command != Command::version;
  if (!needs_job) return line;
  if (line->command == Command::launch && !line->file.empty()) return line;
  if (line->entry == nullptr) {
    const std::string name = shell_word(program);
    throw usage_error("missing job name; '" + name + " list' shows the jobs, '" + name +
                      " --help' how to use them");
  }
  check_run(*line);
  return line;
}

}  // namespace taskrun
