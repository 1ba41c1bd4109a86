// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/cli/command_info.hpp"
#include "app/cli/launch_settings.hpp"
#include "app/cli/run_settings.hpp"
#include "app/commands/commands.hpp"
#include "app/compare/compare_settings.hpp"

namespace taskrun {
namespace {

std::string spelled(const Param& param) {
  if (param.is_arguments()) return param.name + "...";
  const std::string letter = param.letter == '\0' ? "" : std::string("-") + param.letter + ", ";
  return letter + "--" + param.name + (param.is_flag() ? "" : " " + param.value_name);
}

// "(default 100; 1 to 2^64-1)"
std::string limits(const Param& param) {
  std::string text;
  if (!param.is_flag() && !param.default_value.empty()) text = "default: " + param.default_value;
  if (!param.range.empty()) text += (text.empty() ? "" : "; ") + param.range;
  return text.empty() ? "" : " (" + text + ")";
}

std::string options_text(const std::vector<Param>& params) {
  std::size_t width = 0;
  for (const auto& param : params) width = std::max(width, spelled(param).size());
  std::string text;
  for (const auto& param : params) {
    text += fmt::format("  {:<{}}  {}{}\n", spelled(param), width, param.help, limits(param));
  }
  return text;
}

// " [NUMBER...]" for a job that takes values without a name.
std::string arguments_of(const Params& params) {
  for (const auto& param : params.all()) {
    if (param.is_arguments()) return " [" + spelled(param) + "]";
  }
  return "";
}

// Those of the command alone.
std::string own_options_text(const CommandInfo& info) {
  LaunchSettings launch;
  CompareSettings compare;
  LookSettings look;
  switch (info.command) {
    case CommandLine::Command::launch:
      return options_text(launch_params(launch));
    case CommandLine::Command::compare:
      return options_text(compare_params(compare));
    case CommandLine::Command::status:
      return options_text(look_params(look, LookAt::status));
    case CommandLine::Command::log:
      return options_text(look_params(look, LookAt::log));
    default:
      return "";
  }
}

// Those that go with the command.
std::string run_options_text(CommandLine::Command command = CommandLine::Command::run) {
  RunSettings settings;
  auto params = run_params(settings);
  if (command == CommandLine::Command::compare) {
    std::erase_if(params, [](const Param& param) { return is_refused_by_compare(param.name); });
  }
  return options_text(params);
}

std::string example_text(const std::string& program, const std::string& job,
                         const Params::Example& example) {
  const std::string command =
      program + " " + job + (example.arguments.empty() ? "" : " " + example.arguments);
  return fmt::format("  {}\n      {}\n", command, example.what);
}

std::string usage_text(const std::string& program, const CommandInfo& info) {
  std::string text = fmt::format("Usage:\n  {} {} ", program, info.name);
  for (const char c : info.arguments)
    text += c == '\n' ? "\n  " + program + " " : std::string(1, c);
  return text.substr(0, text.find_last_not_of(' ') + 1) + "\n\n";
}

std::string commands_text() {
  std::size_t width = 0;
  for (const auto& info : all_commands()) width = std::max(width, info.name.size());
  std::string text;
  for (const auto& info : all_commands()) {
    text += fmt::format("  {:<{}}  {}\n", info.name, width, info.help);
  }
  return text;
}

// The first example of each job.
std::string first_examples(const std::string& program, const Registry& jobs) {
  std::string text;
  for (const auto& entry : jobs.entries()) {
    Params params;
    const auto job = entry.make();
    job->declare(params);
    if (params.examples().empty()) continue;
    text += example_text(program, entry.name, params.examples().front());
  }
  return text;
}

constexpr const char* numbers_text =
    "Whole numbers may be written 1000000, 1e6, 1M (powers of 1000) or 1Mi (of 1024).\n";

}  // namespace

std::string help_text(const std::string& program, const Registry& jobs) {
  std::string text = fmt::format(
      "{0} runs a job over a big dataset on every core: of this machine, or, under mpirun,\n"
      "of many. Results are bit-identical, however it is run.\n\n"
      "Usage:\n"
      "  {0} [run options] JOB [job options]\n"
      "  {0} COMMAND ...\n"
      "  {0} help JOB or COMMAND     its options and examples, as {0} JOB --help\n"
      "  mpirun -np 8 {0} [run options] JOB [job options]\n\n"
      "Commands:\n{1}\n"
      "Jobs:\n{2}\n",
      program, commands_text(), list_text(jobs));
  const std::string examples = first_examples(program, jobs);
  if (!examples.empty()) text += "Examples:\n" + examples + "\n";
  text += "Run options:\n" + run_options_text() + "\n" + numbers_text;
  text +=
      "Results go to stdout, everything else to stderr. Exit codes: 0 complete; 2 bad usage or\n"
      "input; 3 complete except for chunks that failed; 4 the environment failed; 75 stopped\n"
      "early, continue with 'resume'.\n";
  return text;
}

std::string job_help_text(const std::string& program, const Registry::Entry& entry,
                          const Params& params, const CommandInfo* topic) {
  std::string text = fmt::format("{1}: {2}\n\nUsage:\n  {0} [run options] {1} [options]{3}\n\n",
                                 program, entry.name, entry.help, arguments_of(params));
  if (!params.all().empty()) text += "Options:\n" + options_text(params.all()) + "\n";
  if (!params.examples().empty()) {
    text += "Examples:\n";
    for (const auto& example : params.examples())
      text += example_text(program, entry.name, example);
    text += "\n";
  }
  const std::string own = topic == nullptr ? "" : own_options_text(*topic);
  if (!own.empty()) text += fmt::format("Options of {}:\n{}\n", topic->name, own);
  return text + "Run options:\n" + run_options_text() + "\n" + numbers_text;
}

std::string command_help_text(const std::string& program, const CommandInfo& info) {
  std::string text = fmt::format("{}: {}\n\n", info.name, info.help) + usage_text(program, info);
  if (!info.more.empty()) text += std::string(info.more) + "\n";
  const std::string own = own_options_text(info);
  if (!own.empty()) text += fmt::format("Options of {}:\n{}\n", info.name, own);
  text += "Examples:\n";
  for (const auto& [arguments, what] : info.examples) {
    text += fmt::format("  {} {}\n      {}\n", program, arguments, what);
  }
  if (!info.takes_run_options) return text;
  return text + "\nRun options:\n" + run_options_text(info.command) + "\n" + numbers_text;
}

}  // namespace taskrun
