// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "app/cli/fresh_job.hpp"
#include "app/commands/completion_text.hpp"
#include "taskrun/core/shell_words.hpp"

namespace taskrun {
namespace {

// In single quotes, in which fish knows two escapes.
std::string fish_quoted(std::string_view text) {
  std::string all = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') all += '\\';
    all += c;
  }
  return all + "'";
}

std::string all_names(const std::vector<Subject>& subjects) {
  std::string names;
  for (const auto& subject : subjects) names += " " + subject.name;
  return names;
}

std::string spaced(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += " " + word;
  return all;
}

class FishScript {
 public:
  explicit FishScript(const CompletionTables& tables)
      : tables_(tables), complete_("complete -c " + shell_word(tables.program)) {}

  std::string text() && {
    text_ = fmt::format(
        "# fish completion of {0}: {0} completion fish | source\n\n"
        "function __taskrun_has\n"
        "    for word in (commandline -opc)[2..-1]\n"
        "        contains -- $word $argv; and return 0\n"
        "    end\n"
        "    return 1\n"
        "end\n\n",
        tables_.program);
    const std::string jobs = all_names(tables_.jobs);
    const std::string commands = all_names(tables_.commands);
    text_ += complete_ + " -f\n" + complete_ + " -l help -s h -d 'show how to use it'\n";
    for (const Subject& command : tables_.commands) {
      word("not __taskrun_has" + jobs + commands, command.name, command.help);
      for (const Param& option : command.options) add("__taskrun_has " + command.name, option);
    }
    const std::string takes_job = "not __taskrun_has" + jobs + commands + "; or __taskrun_has" +
                                  spaced(tables_.with_job) + spaced(tables_.with_topic) +
                                  "; and not __taskrun_has" + jobs;
    for (const Subject& job : tables_.jobs) {
      word(takes_job, job.name, job.help);
      for (const Param& option : job.options) add("__taskrun_has " + job.name, option);
    }
    for (const Subject& command : tables_.commands) {
      word("__taskrun_has" + spaced(tables_.with_topic), command.name, command.help);
    }
    for (const auto& [command, words] : tables_.with_words) {
      text_ += fmt::format("{} -n {} -a {}\n", complete_, fish_quoted("__taskrun_has " + command),
                           fish_quoted(spaced(words).substr(1)));
    }
    files("__taskrun_has" + spaced(tables_.with_journal));
    files("__taskrun_has" + jobs);
    for (const Param& option : tables_.run_options) {
      add("not __taskrun_has" + commands_without(option.name), option);
    }
    return std::move(text_);
  }

 private:
  // Those that this run option does not go with.
  std::string commands_without(const std::string& run_option) const {
    std::string names;
    for (const Subject& command : tables_.commands) {
      if (param_named(command.run_options, run_option) == nullptr) names += " " + command.name;
    }
    return names;
  }

  void word(const std::string& condition, const std::string& name, const std::string& help) {
    text_ += fmt::format("{} -n {} -a {} -d {}\n", complete_, fish_quoted(condition), name,
                         fish_quoted(help));
  }

  void files(const std::string& condition) {
    text_ += fmt::format("{} -n {} -F\n", complete_, fish_quoted(condition));
  }

  void add(const std::string& condition, const Param& option) {
    text_ += fmt::format("{} -n {}", complete_, fish_quoted(condition));
    if (option.letter != '\0') text_ += fmt::format(" -s {}", option.letter);
    text_ += " -l " + option.name;
    if (!option.is_flag()) text_ += may_be_file(option) ? " -r -F" : " -x";
    const auto words = words_of(option);
    if (!words.empty()) text_ += " -a " + fish_quoted(spaced(words).substr(1));
    text_ += " -d " + fish_quoted(option.help) + "\n";
  }

  const CompletionTables& tables_;
  const std::string complete_;
  std::string text_;
};

}  // namespace

std::string fish_completion(const CompletionTables& tables) { return FishScript(tables).text(); }

}  // namespace taskrun
