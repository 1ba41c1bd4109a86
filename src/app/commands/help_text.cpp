// SPDX-License-Identifier: MIT
#include "app/commands/help_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/cli/fresh_job.hpp"
#include "app/cli/run_settings.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

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

// Those of the command alone, if there are some.
std::string own_options_text(const Command& command) {
  const auto action = command.make();
  const std::string options = options_text(action->options());
  return options.empty() ? "" : fmt::format("Options of {}:\n{}\n", command.name, options);
}

// Those that go with the command.
std::string run_options_text(const Command& command) {
  RunSettings settings;
  auto params = run_params(settings);
  std::erase_if(params, [&](const Param& param) { return !command.takes_run_option(param.name); });
  return fmt::format("Run options:\n{}\n{}", options_text(params), numbers_text);
}

// A line for each, with its help.
template <class Named>
std::string names_text(const std::vector<Named>& all) {
  std::size_t width = 0;
  for (const auto& one : all) width = std::max(width, one.name.size());
  std::string text;
  for (const auto& one : all) text += fmt::format("  {:<{}}  {}\n", one.name, width, one.help);
  return text;
}

std::string example_text(const std::string& program, const std::string& job,
                         const Params::Example& example) {
  const std::string command =
      program + " " + job + (example.arguments.empty() ? "" : " " + example.arguments);
  return fmt::format("  {}\n      {}\n", command, example.what);
}

std::string usage_text(const std::string& program, const Command& command) {
  std::string text = fmt::format("Usage:\n  {} {} ", program, command.name);
  for (const char c : command.arguments)
    text += c == '\n' ? "\n  " + program + " " : std::string(1, c);
  return text.substr(0, text.find_last_not_of(' ') + 1) + "\n\n";
}

// The first example of each job.
std::string first_examples(const std::string& program, const Registry& jobs) {
  std::string text;
  for (const auto& entry : jobs.entries()) {
    const FreshJob fresh(&entry);
    const auto& examples = fresh.params.examples();
    if (!examples.empty()) text += example_text(program, entry.name, examples.front());
  }
  return text;
}

// "0 complete; 2 bad usage or input; …", in lines of the width of the other texts.
std::string exit_codes_text(bool computes) {
  std::string text;
  std::string line = "Exit codes:";
  for (const auto& [code, meaning] : exit_codes) {
    const bool of_runs = code == static_cast<int>(ExitCode::chunks_failed) ||
                         code == static_cast<int>(ExitCode::stopped);
    if (of_runs && !computes) continue;
    if (line.back() != ':') line += ';';
    const std::string next = fmt::format(" {} {}", code, meaning);
    if (line.size() + next.size() > 88) {
      text += line + "\n";
      line = next.substr(1);
    } else {
      line += next;
    }
  }
  return text + line + ".\n";
}

}  // namespace

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

std::string jobs_text(const Registry& jobs) { return names_text(jobs.entries()); }

std::string help_text(const std::string& program, const Commands& commands, const Registry& jobs) {
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
      program, names_text(commands.named), jobs_text(jobs));
  const std::string examples = first_examples(program, jobs);
  if (!examples.empty()) text += "Examples:\n" + examples + "\n";
  return text + run_options_text(commands.run) +
         "Results go to stdout, everything else to stderr.\n" + exit_codes_text(true);
}

std::string job_help_text(const std::string& program, const Registry::Entry& entry,
                          const Params& params, const Command& command) {
  std::string text = fmt::format("{1}: {2}\n\nUsage:\n  {0} [run options] {1} [options]{3}\n\n",
                                 program, entry.name, entry.help, arguments_of(params));
  if (!params.all().empty()) text += "Options:\n" + options_text(params.all()) + "\n";
  if (!params.examples().empty()) {
    text += "Examples:\n";
    for (const auto& example : params.examples())
      text += example_text(program, entry.name, example);
    text += "\n";
  }
  return text + own_options_text(command) + run_options_text(command) + exit_codes_text(true);
}

std::string command_help_text(const std::string& program, const Command& command) {
  std::string text =
      fmt::format("{}: {}\n\n", command.name, command.help) + usage_text(program, command);
  if (!command.more.empty()) text += std::string(command.more) + "\n";
  text += own_options_text(command) + "Examples:\n";
  for (const auto& [arguments, what] : command.examples) {
    text += fmt::format("  {} {}\n      {}\n", program, arguments, what);
  }
  text += "\n";
  if (command.run_options != Command::RunOptions::listed) return text + exit_codes_text(false);
  return text + run_options_text(command) + exit_codes_text(true);
}

}  // namespace taskrun
