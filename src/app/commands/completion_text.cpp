// SPDX-License-Identifier: MIT
#include "app/commands/completion_text.hpp"

#include <fmt/format.h>

#include <cctype>

#include "app/cli/option_splitter.hpp"
#include "taskrun/core/shell_words.hpp"

namespace taskrun {
namespace {

using Words = std::vector<std::string>;

std::string joined(const Words& words, std::string_view between = " ") {
  std::string all;
  for (const auto& word : words) {
    if (!all.empty()) all += between;
    all += word;
  }
  return all;
}

Words names_of(const std::vector<Subject>& subjects) {
  Words names;
  for (const auto& subject : subjects) names.push_back(subject.name);
  return names;
}

// What a shell may call a function.
std::string function_of(const std::string& program) {
  std::string name = "_";
  for (const char c : program) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

// In single quotes, whatever it holds.
std::string single_quoted(const std::string& text) {
  std::string all = "'";
  for (const char c : text) all += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return all + "'";
}

// What `tell` says of each command and job and its options.
template <class Tell>
std::string cases(const CompletionTables& tables, Tell tell) {
  std::string text;
  for (const auto* subjects : {&tables.commands, &tables.jobs}) {
    for (const Subject& subject : *subjects) text += tell(subject.name, subject.options);
  }
  return text;
}

// The options of a subject, as shell words that `listed` makes of each spelling and its help; the
// run options that go with a command stand for "COMMAND:run".
template <class Listed>
std::string option_cases(const CompletionTables& tables, Listed listed) {
  const auto tell = [&](const std::string& name, const std::vector<Param>& options) {
    std::string words;
    for (const Param& option : options) {
      for (const auto& spelling : spellings({option})) words += " " + listed(spelling, option.help);
    }
    return words.empty() ? "" : fmt::format("    '{}') printf '%s\\n'{} ;;\n", name, words);
  };
  std::string text = cases(tables, tell);
  for (const Subject& command : tables.commands) {
    text += tell(command.name + ":run", command.run_options);
  }
  return text + tell(":run", tables.run_options);
}

// What an option is given: its words, `files`, or nothing that is known; a failure for a flag.
std::string value_cases(const CompletionTables& tables) {
  const auto tell = [](const std::string& name, const std::vector<Param>& options) {
    std::string text;
    for (const Param& option : options) {
      if (option.is_flag()) continue;
      Words patterns;
      for (const auto& spelling : spellings({option})) {
        patterns.push_back("'" + name + " " + spelling + "'");
      }
      const std::string values =
          may_be_file(option) ? "files=1" : "values=" + single_quoted(joined(words_of(option)));
      text += fmt::format("    {}) {} ;;\n", joined(patterns, "|"), values);
    }
    return text;
  };
  return cases(tables, tell) + tell("", tables.run_options);
}

std::string word_cases(const CompletionTables& tables) {
  std::string text;
  for (const auto& [command, words] : tables.with_words) {
    text += fmt::format("    {}) values='{}' ;;\n", command, joined(words));
  }
  return text;
}

// What bash and zsh have in common: both read it. `values` and `files` say what may stand at the
// cursor, `job` and `command` what stands before it.
std::string shell_functions(const CompletionTables& tables, const std::string& function,
                            const std::string& options) {
  const auto pattern = [](const Words& names) { return names.empty() ? "''" : joined(names, "|"); };
  Words rest;
  for (const Subject& job : tables.jobs) {
    if (job.takes_rest) rest.push_back(job.name);
  }
  std::string text =
      fmt::format("{}_options() {{\n  case \"$1\" in\n{}  esac\n}}\n\n", function, options);
  text += fmt::format(
      "# What the option $2 of $1 is given: words, or files. Fails where it takes nothing.\n"
      "{}_value() {{\n  values='' files=''\n  case \"$1 $2\" in\n{}    *) return 1 ;;\n  "
      "esac\n}}\n\n",
      function, value_cases(tables));
  // The words before the cursor, one after the other.
  text += fmt::format(
      "# Takes the next word before the cursor.\n"
      "{0}_step() {{\n"
      "  if [ -n \"$option\" ]; then option=''; return; fi\n"
      "  if [ -n \"$rest\" ]; then return; fi\n"
      "  case \"$1\" in\n"
      "    -*=*) ;;\n"
      "    -*)\n"
      "      if {0}_value \"$job\" \"$1\" || {0}_value \"$command\" \"$1\" || {0}_value '' \"$1\"; "
      "then\n"
      "        option=$1\n"
      "      fi ;;\n"
      "    *)\n"
      "      if [ -n \"$job\" ]; then\n"
      "        case \"$job\" in {1}) rest=1 ;; esac\n"
      "        return\n"
      "      fi\n"
      "      case \"$1\" in\n"
      "        {2}) job=$1; return ;;\n"
      "      esac\n"
      "      if [ -n \"$command\" ]; then return; fi\n"
      "      case \"$1\" in\n"
      "        {3}) command=$1 ;;\n"
      "      esac ;;\n"
      "  esac\n"
      "}}\n\n",
      function, pattern(rest), pattern(names_of(tables.jobs)), pattern(names_of(tables.commands)));
  // What may stand at the cursor, but for the values of options.
  text += fmt::format(
      "# What may stand at the cursor, where no option waits for its value: words or files.\n"
      "{0}_subject() {{\n"
      "  values='' files=''\n"
      "  if [ -n \"$job\" ]; then files=1; return; fi\n"
      "  case \"$command\" in\n"
      "    '') values='{1} {2}' ;;\n"
      "    {3}) values='{1}' ;;\n"
      "    {4}) files=1 ;;\n"
      "    {5}) values='{1} {2}' ;;\n"
      "{6}"
      "  esac\n"
      "}}\n\n",
      function, joined(names_of(tables.jobs)), joined(names_of(tables.commands)),
      pattern(tables.with_job), pattern(tables.with_journal), pattern(tables.with_topic),
      word_cases(tables));
  // Whose options go with what stands before the cursor. For zsh $command:r would be something
  // else.
  text += fmt::format(
      "{0}_all_options() {{\n"
      "  if [ -n \"$job\" ]; then {0}_options \"$job\"; fi\n"
      "  if [ -n \"$command\" ]; then {0}_options \"$command\"; fi\n"
      "  {0}_options \"${{command}}:run\"\n"
      "}}\n\n",
      function);
  return text;
}

}  // namespace

std::string bash_completion(const CompletionTables& tables) {
  const std::string function = function_of(tables.program);
  const auto name_only = [](const std::string& spelling, const std::string&) { return spelling; };
  std::string text =
      fmt::format("# bash completion of {0}: source <({0} completion bash)\n\n", tables.program);
  text += shell_functions(tables, function, option_cases(tables, name_only));
  // bash takes "--name=value" for three words.
  text += fmt::format(
      "{0}() {{\n"
      "  local job='' command='' option='' rest='' values='' files='' "
      "cur=${{COMP_WORDS[COMP_CWORD]}} i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    if [[ ${{COMP_WORDS[i]}} == = ]]; then\n"
      "      option=${{COMP_WORDS[i - 1]}}\n"
      "    else\n"
      "      {0}_step \"${{COMP_WORDS[i]}}\"\n"
      "    fi\n"
      "  done\n"
      "  [[ $cur == = ]] && option=${{COMP_WORDS[COMP_CWORD - 1]}} cur=''\n"
      "  [[ $rest ]] && return\n"
      "  if [[ $option ]]; then\n"
      "    {0}_value \"$job\" \"$option\" || {0}_value \"$command\" \"$option\" || {0}_value '' "
      "\"$option\"\n"
      "  elif [[ $cur == -* ]]; then\n"
      "    values=\"$({0}_all_options) --help\"\n"
      "  else\n"
      "    {0}_subject\n"
      "  fi\n"
      "  # No word: bash completes names of files.\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
      "  [[ ${{#COMPREPLY[@]}} == 1 && ${{COMPREPLY[0]}} == *= ]] && compopt -o nospace "
      "2>/dev/null\n"
      "}}\n"
      "complete -o default -F {0} {1}\n",
      function, shell_word(tables.program));
  return text;
}

std::string zsh_completion(const CompletionTables& tables) {
  const std::string function = function_of(tables.program);
  // "name:help" is what _describe reads.
  const auto described = [](const std::string& spelling, const std::string& help) {
    std::string text = spelling + ":";
    for (const char c : help) text += c == ':' ? std::string("\\:") : std::string(1, c);
    return single_quoted(text);
  };
  std::string text =
      fmt::format("#compdef {0}\n# zsh completion of {0}: a file _{0} in a folder of fpath\n\n",
                  tables.program);
  text += shell_functions(tables, function, option_cases(tables, described));
  text += fmt::format(
      "{0}() {{\n"
      "  local job='' command='' option='' rest='' values='' files='' word cur=$words[CURRENT]\n"
      "  local -a before choices\n"
      "  before=(\"${{(@)words[2,CURRENT-1]}}\")\n"
      "  for word in \"${{(@)before}}\"; do {0}_step \"$word\"; done\n"
      "  if [[ -n $rest ]]; then _files; return; fi\n"
      "  if [[ -z $option && $cur == -*=* ]]; then\n"
      "    option=${{cur%%=*}}\n"
      "    compset -P '*='\n"
      "  fi\n"
      "  if [[ -n $option ]]; then\n"
      "    {0}_value \"$job\" \"$option\" || {0}_value \"$command\" \"$option\" || {0}_value '' "
      "\"$option\"\n"
      "  elif [[ $cur == -* ]]; then\n"
      "    choices=(\"${{(@f)$({0}_all_options)}}\" '--help:show how to use it')\n"
      "    _describe option choices\n"
      "    return\n"
      "  else\n"
      "    {0}_subject\n"
      "  fi\n"
      "  if [[ -n $values ]]; then compadd -- ${{=values}}; else _files; fi\n"
      "}}\n\n"
      "if [ \"$funcstack[1]\" = {0} ]; then {0} \"$@\"; else compdef {0} {1}; fi\n",
      function, shell_word(tables.program));
  return text;
}

}  // namespace taskrun
