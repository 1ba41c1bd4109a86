// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/commands.hpp"
#include "app/compare_settings.hpp"
#include "app/launch_settings.hpp"
#include "app/run_settings.hpp"

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

std::string launch_options_text() {
  LaunchSettings settings;
  return options_text(launch_params(settings));
}

std::string compare_options_text() {
  CompareSettings settings;
  return options_text(compare_params(settings));
}

std::string run_options_text() {
  RunSettings settings;
  return options_text(run_params(settings));
}

std::string example_text(const std::string& program, const std::string& job,
                         const Params::Example& example) {
  const std::string command =
      program + " " + job + (example.arguments.empty() ? "" : " " + example.arguments);
  return fmt::format("  {}\n      {}\n", command, example.what);
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
      "of many. The result is the same to the last bit, however it is run.\n\n"
      "Usage:\n"
      "  {0} [run options] JOB [job options]\n"
      "  {0} launch -n 8 [run options] JOB [job options]\n"
      "                              the same on ranks, of which any may die\n"
      "  mpirun -np 8 {0} [run options] JOB [job options]\n"
      "  {0} compare [run options] JOB [job options]\n"
      "                              sequential, threads, processes: which is fastest, and why\n"
      "  {0} list                    the jobs\n"
      "  {0} JOB --help              a job's options and examples\n"
      "  {0} describe JOB [options]  its dataset and chunks, without running it\n"
      "  {0} resume JOURNAL          goes on with a run that kept a journal\n"
      "  {0} status JOURNAL          how far it is, also while it runs; --json for programs\n"
      "  {0} log JOURNAL             what became of each lease; --json for programs\n"
      "  {0} --version\n\n"
      "Jobs:\n{1}\n",
      program, list_text(jobs));
  const std::string examples = first_examples(program, jobs);
  if (!examples.empty()) text += "Examples:\n" + examples + "\n";
  text += "Run options:\n" + run_options_text() + "\n";
  text += "Options of launch:\n" + launch_options_text() + "\n";
  text += "Options of compare:\n" + compare_options_text() + "\n" + numbers_text;
  text +=
      "Results go to stdout, everything else to stderr. Exit codes: 0 complete; 2 bad usage or\n"
      "input; 3 complete except for chunks that failed; 4 the environment failed; 75 stopped\n"
      "early, go on with 'resume'.\n";
  return text;
}

std::string job_help_text(const std::string& program, const Registry::Entry& entry,
                          const Params& params) {
  std::string text = fmt::format("{1}: {2}\n\nUsage:\n  {0} [run options] {1} [options]{3}\n\n",
                                 program, entry.name, entry.help, arguments_of(params));
  if (!params.all().empty()) text += "Options:\n" + options_text(params.all()) + "\n";
  if (!params.examples().empty()) {
    text += "Examples:\n";
    for (const auto& example : params.examples())
      text += example_text(program, entry.name, example);
    text += "\n";
  }
  return text + "Run options:\n" + run_options_text() + "\n" + numbers_text;
}

}  // namespace taskrun
