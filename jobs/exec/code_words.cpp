// SPDX-License-Identifier: MIT
#include "exec/code_words.hpp"

#include <algorithm>
#include <span>

namespace taskrun {
namespace {

using Words = std::span<const std::string>;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::string_view (&all)[N]) {
  return std::find(std::begin(all), std::end(all), word) != std::end(all);
}

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

// python3.11 is a python.
std::string_view without_version(std::string_view name) {
  while (!name.empty() && (name.back() == '.' || (name.back() >= '0' && name.back() <= '9'))) {
    name.remove_suffix(1);
  }
  return name;
}

bool is_option(std::string_view word) { return word.size() > 1 && word.starts_with('-'); }
bool is_short_option(std::string_view word) { return is_option(word) && !word.starts_with("--"); }

std::string_view variable_name(std::string_view word) {
  return word.starts_with(quoted_mark) ? word.substr(1) : word;
}
bool is_variable(std::string_view word) { return variable_name(word).starts_with('$'); }

bool is_shell(std::string_view word) {
  static constexpr std::string_view names[] = {"sh",    "bash", "dash", "ash",   "ksh",
                                               "ksh93", "mksh", "zsh",  "rbash", "fish",
                                               "csh",   "tcsh", "posh", "yash"};
  return is_one_of(base_name(word), names);
}

bool is_language(std::string_view word) {
  static constexpr std::string_view names[] = {"python",  "pypy",   "perl",     "ruby",
                                               "node",    "nodejs", "php",      "lua",
                                               "Rscript", "julia",  "osascript"};
  return is_one_of(without_version(base_name(word)), names);
}

bool is_awk(std::string_view word) {
  static constexpr std::string_view names[] = {"awk", "gawk", "mawk", "nawk"};
  return is_one_of(base_name(word), names);
}

// Joins its words to a command for a shell.
bool joins_words(std::string_view word) {
  static constexpr std::string_view names[] = {"ssh",   "rsh",    "su",   "runuser", "watch",
                                               "flock", "script", "tmux", "screen",  "pdsh"};
  return is_one_of(base_name(word), names);
}

// sh -ec CODE: the first word that is no option, after one with a c.
bool is_code_of_shell(Words options, std::string_view word) {
  bool takes_code = false;
  for (const auto& option : options) {
    if (is_short_option(option) && option.find('c') != option.npos) {
      takes_code = true;
    } else if (takes_code && !is_option(option) && !option.starts_with('+') &&
               !option.starts_with('$')) {
      return false;  // that was it; a variable without quotes may be nothing at all
    }
  }
  return takes_code || (is_short_option(word) && word.find('c') < word.find(value_mark));
}

// perl -ne CODE, node --eval CODE, -eCODE, --eval=CODE
bool takes_code_of_language(std::string_view option) {
  static constexpr std::string_view names[] = {"--eval", "--print", "--execute"};
  return is_one_of(option.substr(0, option.find('=')), names) ||
         (is_short_option(option) && option.find_first_of("ceErp") != option.npos);
}
bool is_code_of_language(Words options, std::string_view word) {
  bool takes_code = false;
  for (const auto& option : options) {
    if (takes_code) {
      takes_code = false;  // that was it; more may come
    } else if (!is_option(option)) {
      return false;  // a script, and its arguments
    } else {
      takes_code = takes_code_of_language(option);
    }
  }
  return takes_code || takes_code_of_language(word);
}

// awk -F : CODE FILE...
bool is_code_of_awk(Words options, std::string_view word) {
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string_view option = options[i];
    if (option.starts_with("-f") || option.starts_with("--file")) return false;
    if (!is_option(option)) return false;
    if (option != "-F" && option != "-v") continue;
    if (++i == options.size()) return false;
  }
  return !is_option(word);
}

bool is_code_after(const std::string& program, Words options, std::string_view word) {
  if (is_shell(program)) return is_code_of_shell(options, word);
  if (is_language(program)) return is_code_of_language(options, word);
  if (is_awk(program)) return is_code_of_awk(options, word);
  return joins_words(program) && word.find_first_of(" \t\n;|&") != word.npos;
}

bool is_assignment(std::string_view word) {
  const auto end = word.find('=');
  return end != word.npos && end > 0 &&
         std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
           return c == '_' || c == '+' || c == '[' || c == ']' || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

// The words from the command's name on.
Words command_in(Words words) {
  static constexpr std::string_view passed_over[] = {"command", "builtin", "exec",
                                                     "time",    "-p",      "--"};
  while (!words.empty() &&
         (is_assignment(words.front()) || is_one_of(words.front(), passed_over))) {
    words = words.subspan(1);
  }
  return words;
}

// a[i]=1, a=(…): an index is arithmetic.
bool has_value_in_index(std::string_view word) {
  const auto bracket = word.find('[');
  return bracket != word.npos && bracket > 0 && word.find(value_mark) > bracket &&
         word.find(value_mark) < word.find('=', bracket);
}

bool is_name_that_gets_value(Words words, std::string_view word) {
  const auto is_of_numbers = [](const std::string& option) {
    return is_short_option(option) && option.find_first_of("in") != option.npos;
  };
  return word.find(value_mark) < word.find('=') ||
         std::any_of(words.begin(), words.end(), is_of_numbers);
}

bool is_read_by(std::string_view name, Words words, std::string_view word) {
  static constexpr std::string_view evaluate[] = {
      "eval", "trap",     "alias",   "let",   "bind", "mapfile", "readarray",
      "fc",   "complete", "compgen", "unset", "read", "getopts"};
  static constexpr std::string_view declare[] = {"declare", "typeset", "local", "readonly",
                                                 "export"};
  if (is_one_of(name, evaluate)) return true;
  if (is_one_of(name, declare)) return is_name_that_gets_value(words, word);
  const std::string_view last = words.back();
  // A value that is an operator makes the next one its operand.
  if (name == "test" || name == "[") {
    return last == "-v" || last == "-R" || (words.size() > 1 && last.starts_with(value_mark));
  }
  if (name == "printf") {
    return last == "-v" ||
           (words.size() > 1 && std::string_view(words[1]) == std::string_view(&value_mark, 1));
  }
  return name == "wait" && last == "-p";
}

}  // namespace

std::optional<std::string> reader_of_code(const std::vector<std::string>& before,
                                          const std::string& word) {
  const Words words(before);
  // What a variable names may be one, too.
  const Words command = command_in(words);
  if (!command.empty() && is_variable(command.front()) &&
      is_code_of_shell(command.subspan(1), word)) {
    return std::string(variable_name(command.front()));
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_code_after(words[i], words.subspan(i + 1), word)) {
      return std::string(base_name(words[i]));
    }
  }
  return std::nullopt;
}

std::optional<std::string> builtin_reader_of_code(const std::vector<std::string>& before,
                                                  const std::string& word) {
  Words words = command_in(before);
  // A variable without quotes may be nothing at all.
  while (!words.empty() && words.front().starts_with('$')) words = command_in(words.subspan(1));
  if (words.empty() && has_value_in_index(word)) return "an index";
  if (words.empty() || !is_read_by(words.front(), words, word)) return std::nullopt;
  return words.front();
}

}  // namespace taskrun
