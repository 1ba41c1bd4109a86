// SPDX-License-Identifier: MIT
#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <set>

#include "app/suggestion.hpp"
#include "taskrun/core/contract.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

using Arguments = std::vector<std::string>;
using Command = CommandLine::Command;

struct NamedCommand {
  const char* name;
  Command command;
};
constexpr NamedCommand commands[] = {{"launch", Command::launch}, {"compare", Command::compare},
                                     {"list", Command::list},     {"describe", Command::describe},
                                     {"help", Command::help},     {"resume", Command::resume},
                                     {"status", Command::status}, {"log", Command::log}};

// Those that are followed by the name of a journal, not of a job.
bool is_of_journal(Command command) {
  return command == Command::resume || command == Command::status || command == Command::log;
}

std::optional<Command> command_named(std::string_view name) {
  for (const auto& [known, command] : commands) {
    if (name == known) return command;
  }
  return std::nullopt;
}

// Not so a lone dash, which is standard input, nor -5.
bool is_option(std::string_view argument) {
  return argument.size() > 1 && argument[0] == '-' &&
         std::string_view("0123456789.").find(argument[1]) == std::string_view::npos;
}

// As `--name` or `-n`.
bool is_spelled(const Param& param, std::string_view argument) {
  return argument == "--" + param.name ||
         (argument.size() == 2 && argument[0] == '-' && argument[1] == param.letter);
}

std::vector<std::string> job_names(const Registry& jobs) {
  std::vector<std::string> names;
  for (const auto& entry : jobs.entries()) names.push_back(entry.name);
  return names;
}

Error no_such_job(std::string_view typed, const Registry& jobs) {
  auto names = job_names(jobs);
  for (const auto& [name, command] : commands) names.emplace_back(name);
  const std::string near = suggestion(typed, names);
  return usage_error("there is no job '" + std::string(typed) + "'" +
                     (near.empty() ? "; 'taskrun list' shows the jobs" : near));
}

// --- which job

// The arguments that are neither options nor the values of these or of run options. Values of job
// options are among them where those are not given: which options take one is known once the job
// is.
std::vector<std::size_t> bare_positions(const Arguments& arguments,
                                        const std::vector<Param>& of_job = {}) {
  RunSettings settings;
  LaunchSettings launch;
  CompareSettings compare;
  std::vector<Param> params = run_params(settings);
  for (const auto& more : {launch_params(launch), compare_params(compare), of_job}) {
    params.insert(params.end(), more.begin(), more.end());
  }
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
std::size_t begin_of_rest(const Arguments& arguments, const Registry& jobs) {
  const auto bare = bare_positions(arguments);
  const auto named = std::find_if(bare.begin(), bare.end(),
                                  [&](auto i) { return jobs.find(arguments[i]) != nullptr; });
  if (named == bare.end()) return arguments.size();
  const auto command = command_named(arguments[bare.front()]);
  if (bare.front() != *named && command && is_of_journal(*command)) return arguments.size();
  Params params;
  const auto job = jobs.find(arguments[*named])->make();
  job->declare(params);
  const auto& all = params.all();
  if (std::none_of(all.begin(), all.end(),
                   [](const Param& param) { return param.given == Param::Given::as_rest; })) {
    return arguments.size();
  }
  const auto of_job = bare_positions(arguments, all);
  const auto first = std::upper_bound(of_job.begin(), of_job.end(), *named);
  return first == of_job.end() ? arguments.size() : *first;
}

// What follows a lone "--", or begins the rest of a job that takes one, is no option, whatever it
// looks like. Cuts it off.
Arguments take_plain(Arguments& arguments, const Registry& jobs) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  const bool has_dashes = dashes != arguments.end();
  Arguments after(has_dashes ? dashes + 1 : dashes, arguments.end());
  Arguments before(arguments.begin(), dashes);
  const auto begin = begin_of_rest(before, jobs);
  if (begin == before.size()) {
    arguments = std::move(before);
    return after;
  }
  const auto cut = arguments.begin() + static_cast<std::ptrdiff_t>(begin);
  Arguments rest(cut, arguments.end());  // with the dashes, if there are some
  arguments.erase(cut, arguments.end());
  return rest;
}

// Takes the command, if there is one, and the job's name out of the arguments.
void find_command_and_job(Arguments& arguments, const Registry& jobs, CommandLine& line) {
  const auto bare = bare_positions(arguments);
  const auto is_job = [&](std::size_t i) { return jobs.find(arguments[i]) != nullptr; };
  std::vector<std::size_t> taken;
  if (!bare.empty() && !is_job(bare[0])) {
    if (const auto command = command_named(arguments[bare[0]])) {
      line.command = *command;
      taken.push_back(bare[0]);
    }
  }
  if (taken.empty()) line.command = Command::run;
  if (line.command == Command::launch && bare.size() > 2 && arguments[bare[1]] == "resume") {
    line.file = arguments[bare[2]];
    for (const auto i : {bare[2], bare[1], bare[0]}) {
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return;
  }
  if (is_of_journal(line.command)) {
    if (line.command == Command::resume && bare.size() > 1) {
      line.file = arguments[bare[1]];
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(bare[1]));
    }
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(bare[0]));
    return;
  }
  const auto found =
      std::find_if(bare.begin() + static_cast<std::ptrdiff_t>(taken.size()), bare.end(), is_job);
  if (found != bare.end() && line.command != Command::list) {
    line.entry = jobs.find(arguments[*found]);
    taken.push_back(*found);
  } else if (line.command != Command::list) {
    for (std::size_t i = taken.size(); i < bare.size(); ++i) {
      const bool maybe_value = bare[i] > 0 && is_option(arguments[bare[i] - 1]);
      if (!maybe_value) throw no_such_job(arguments[bare[i]], jobs);
    }
  }
  for (auto i = taken.rbegin(); i != taken.rend(); ++i) {
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(*i));
  }
}

// --- options

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
Error parse_failure(const CLI::ParseError& error, const Arguments& arguments) {
  const std::string what = error.what();
  if (error.get_name() == "ArgumentMismatch") {
    // Sometimes with the dashes, sometimes without.
    const std::string bare = what.substr(0, what.find_first_of(": "));
    const std::string name = is_option(bare) ? bare : "--" + bare;
    if (!arguments.empty() && arguments.back().ends_with(name)) {
      return usage_error(name + " needs a value, and the command line ends after it");
    }
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

void refuse(const std::string& argument, const CommandLine& line,
            const std::vector<std::string>& option_names) {
  if (!is_option(argument)) {
    throw usage_error("'" + argument + "' is too much: options are written --name value" +
                      (line.entry != nullptr ? ", and one job is run at a time" : ""));
  }
  const std::string name = argument.substr(0, argument.find('='));
  std::string near = suggestion(name, option_names);
  const std::string command = command_with(name);
  if (!command.empty()) near = "; 'taskrun " + command + "' takes it";
  if (near.empty()) {
    near = "; 'taskrun " + (line.entry != nullptr ? line.entry->name + " " : "") +
           "--help' shows the options";
  }
  throw usage_error("there is no option " + name +
                    (line.entry != nullptr ? " of " + line.entry->name + " or of a run" : "") +
                    near);
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
    throw usage_error("'" + plain.front() + "' is too much: options are written --name value");
  }
  for (const auto& value : plain) param->parse(value);
}

void require_distinct(const std::vector<std::string>& names) {
  const std::set<std::string> distinct(names.begin(), names.end());
  TASKRUN_EXPECT(distinct.size() == names.size());  // a job must not take a run option's name
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
  for (const auto& param : params) names.push_back("--" + param.name);
  require_distinct(names);

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (const auto& param : params) add_option(app, param, names);
  try {
    Arguments reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    throw parse_failure(error, arguments);
  }
  set_arguments(app.remaining(), plain, line, params, names);
  if (line.command == Command::compare) check_compare(line);
  if (line.settings.isolation.only_chunk && line.command != Command::run) {
    throw usage_error(
        "--only-chunk computes one chunk of a job in this process: give the job, and "
        "leave the other command out");
  }
}

// Which option says how many slots there are depends on the job, some on the job's own options.
void check_slots(const CommandLine& line) {
  const bool io_bound = line.job->io_bound();
  if (io_bound && line.settings.thread_count > 0) {
    throw usage_error("--threads is for jobs that compute; " + line.entry->name +
                      " mostly waits here: give --io-threads");
  }
  if (!io_bound && line.settings.io_thread_count > 0) {
    throw usage_error("--io-threads is for jobs that mostly wait; " + line.entry->name +
                      " computes here: give --threads");
  }
}

// Who asks for help gets it, whatever else the line says.
bool asks_for(const Arguments& arguments, std::initializer_list<const char*> spellings) {
  return std::find_first_of(arguments.begin(), arguments.end(), spellings.begin(),
                            spellings.end()) != arguments.end();
}

// Of `status` and `log`: a file and nothing but --json.
void parse_look(const Arguments& arguments, CommandLine& line, const char* command) {
  for (const auto& argument : arguments) {
    if (argument == "--json") {
      line.as_json = true;
    } else if (!line.file.empty() || is_option(argument)) {
      throw usage_error("'" + argument + "' is too much: 'taskrun " + command +
                        "' takes a journal and --json");
    } else {
      line.file = argument;
    }
  }
}

void parse_of_journal(Arguments arguments, const Arguments& plain, CommandLine& line) {
  const auto named = std::find_if(std::begin(commands), std::end(commands),
                                  [&](const auto& one) { return one.command == line.command; });
  if (line.command == Command::resume) {
    parse_options(std::move(arguments), plain, line);
  } else {
    arguments.insert(arguments.end(), plain.begin(), plain.end());
    parse_look(arguments, line, named->name);
  }
  if (line.file.empty()) {
    throw usage_error(std::string("no journal is named; give its file: taskrun ") + named->name +
                      " FILE");
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

std::unique_ptr<CommandLine> parse_command_line(const Arguments& given, const Registry& jobs) {
  auto line = std::make_unique<CommandLine>();
  line->jobs = &jobs;
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
  if (is_of_journal(line->command)) {
    parse_of_journal(arguments, plain, *line);
    return line;
  }
  parse_options(std::move(arguments), plain, *line);
  if (line->command == Command::list || line->command == Command::help) return line;
  if (line->command == Command::launch && !line->file.empty()) return line;
  if (line->entry == nullptr) {
    throw usage_error(
        "no job is named; 'taskrun list' shows the jobs, 'taskrun --help' how to use "
        "them");
  }
  check_run(*line);
  return line;
}

}  // namespace taskrun
