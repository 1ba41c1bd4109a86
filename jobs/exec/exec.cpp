// SPDX-License-Identifier: MIT
// Runs a command for each item, or pipes blocks of text to it. What a command is made of, where
// items come from and how one command is run are files of their own beside it.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exec/block.hpp"
#include "exec/input.hpp"
#include "exec/lists.hpp"
#include "exec/runner.hpp"
#include "exec/sources.hpp"
#include "exec/template.hpp"
#include "exec/words.hpp"
#include "shared/folder.hpp"
#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/data/csv.hpp"
#include "taskrun/job/registry.hpp"
#include "taskrun/os/system_failure.hpp"

namespace {

namespace fs = std::filesystem;

using taskrun::ExecCommand;
using taskrun::ExecItem;
using taskrun::ExecNames;
using taskrun::ExecPart;
using taskrun::ExecTemplate;
using taskrun::usage_error;

class Exec {
 public:
  void params(taskrun::Params& params) {
    params.rest(
        "COMMAND", words_,
        "the command, then ::: values or :::: files of values, one a line; without those the "
        "lines of stdin");
    params.flag("shell", shell_, "run the command by /bin/sh; values are never interpreted by it");
    params.flag("null", null_, "values of files and stdin end with a NUL byte, not with a line");
    params.letter('0');
    params.flag("shortest", shortest_,
                "linked sources may differ in length: surplus values are dropped");
    params.flag("csv", csv_, "they are rows of CSV: {name} and {1} are cells");
    params.text("separator", separator_,
                "for --csv: what stands between cells: , ; | : a space or tab");
    params.text("comment", comment_,
                "for --csv: a character; lines that begin with it are no rows");
    params.flag("jsonl", jsonl_, "they are JSON objects, one a line: {name} is a field");
    params.flag("literal-braces", literal_braces_,
                "words in braces that name no source, column or field are text, as in awk");
    params.flag("no-append", no_append_,
                "a command that names no value runs without it, once for each");
    params.flag("pipe", pipe_,
                "give the command blocks of :::: files or stdin as its stdin; those of stdin as "
                "they come");
    params.byte_count("block", block_bytes_, "for --pipe: the size of a block, cut at lines", 1);
    params.flag("unordered", unordered_,
                "write outputs as they come, not in the order of the items");
    params.flag("keep-env", settings_.keep_environment,
                "do not tell commands how many threads to use (OMP_NUM_THREADS and its kin)");
    params.flag("tag", settings_.tags,
                "begin each line of output with its input values, and a tab");
    params.path("results", settings_.results,
                "a folder for NUMBER.stdout, .stderr and .exit of each command");
    params.flag("overwrite", overwrites_, "remove the results of an earlier run from that folder");
    params.path("workdir", settings_.folder, "the folder in which commands run");
    params.byte_count("max-output", settings_.most_output_bytes,
                      "end a command that writes more than this, unless to --results", 1);
    params.flag("dry-run", settings_.dry_run, "print the commands without running them");
    params.example(
        "--shell :::: commands.txt",
        "a file of command lines, or < commands.txt; blank lines and comments are left out");
    params.example("'gzip -9 {}' ::: *.txt",
                   "compress files, as many at a time as there are cores");
    params.example("convert {} {.}.png :::: photos.txt",
                   "{.} is without extension; {/} {//} {/.} "
                   "are base name, folder, both");
    params.example("echo {1} {2} ::: a b ::: 1 2", "all four combinations; :::+ links instead");
    params.example("--shell 'echo {#} $TASKRUN_ITEM \"$1\"' ::: a b",
                   "{#} and TASKRUN_ITEM are the value's number, from 1; TASKRUN_CHUNK and "
                   "TASKRUN_ATTEMPT are set, too; \"$1\" is the value, as {} is");
    params.example("--shell 'zcat {} | wc -l' ::: *.gz", "a pipeline");
    params.example("--csv 'curl -so {id}.html {url}' :::: pages.csv", "cells by name");
    params.example("--pipe --block 10M grep -c error :::: big.log", "one big file, block by block");
  }

  void check() const {
    if (null_ + csv_ + jsonl_ + pipe_ > 1) {
      throw usage_error("--null, --csv, --jsonl and --pipe exclude each other: give one of them");
    }
    static_cast<void>(separator());
    if (!comment_.empty() && !csv_) throw usage_error("--comment is for --csv: leave it out");
    static_cast<void>(taskrun::comment_mark(comment_, separator()));
    const auto words = taskrun::read_exec_words(words_);
    if (words.command.empty() && (csv_ || jsonl_ || pipe_)) {
      throw usage_error("no command is given; write it behind the options");
    }
    if (!words.command.empty()) {
      static_cast<void>(command_words(words.command));  // throws
    }
    if (csv_ || jsonl_ || pipe_) {
      static_cast<void>(taskrun::lists_of(words.sources, csv_     ? "--csv"
                                                         : jsonl_ ? "--jsonl"
                                                                  : "--pipe"));
    }
    if (!settings_.folder.empty()) taskrun::require_folder("--workdir", settings_.folder);
  }

  void begin(bool goes_on) const {
    if (!settings_.results.empty() && !goes_on && !settings_.dry_run) {
      taskrun::clear_of_results(settings_.results, overwrites_);
    }
  }
  bool needs_isolation() const { return !settings_.dry_run; }
  bool has_effects() const { return !settings_.dry_run; }
  bool keeps_limits() const { return true; }
  bool unordered() const { return unordered_; }
  std::uint64_t chunk_size() const {
    const bool counts_bytes = pipe_ && !taskrun::stream_of(taskrun::read_exec_words(words_));
    return counts_bytes ? block_bytes_ : 1;
  }

  taskrun::ExecInput dataset() const {
    const auto words = taskrun::read_exec_words(words_);
    auto input = make_input(words);
    input.set_files(taskrun::files_of(words.sources));
    if (!settings_.results.empty()) make_results_folder();
    return input;
  }

  void emit(const ExecPart& part, taskrun::Output& out, const taskrun::Context& context) const {
    if (pipe_) return emit_block(part, out, context);
    taskrun::ExecTrouble trouble;
    std::size_t failed_count = 0;
    for (const auto& command : part.commands) {
      if (context.stop_requested()) throw taskrun::ChunkStopped();
      const auto found = run(command, nullptr, out, context);
      if (found.empty()) continue;
      if (++failed_count == 1) trouble = found;
    }
    if (failed_count > 1) trouble.what += "; and " + std::to_string(failed_count - 1) + " more";
    if (failed_count > 0) trouble.raise();
  }

 private:
  // --- what is to be run

  // An empty line is a value, but no command.
  taskrun::LineRules line_rules(const taskrun::ExecWords& words) const {
    taskrun::LineRules rules;
    if (null_) rules.separator = '\0';
    if (!words.command.empty()) rules.empty_lines = taskrun::LineRules::Empty::kept;
    return rules;
  }

  // One word is a command as a shell would read it, more are the words themselves.
  std::vector<std::string> command_words(const std::vector<std::string>& given) const {
    if (shell_) {
      std::string text;
      for (const auto& word : given) {
        if (!text.empty()) text += ' ';
        text += word;
      }
      return {text};
    }
    auto words = given.size() == 1 ? taskrun::split_words(given.front()) : given;
    if (words.empty()) throw usage_error("the command is empty");
    return words;
  }

  char separator() const {
    if (separator_ == "tab" || separator_ == "\\t") return '\t';
    if (separator_.size() == 1 &&
        std::string_view(",;|:\t ").find(separator_) != std::string::npos) {
      return separator_.front();
    }
    throw usage_error("--separator " + separator_ + ": expected one of , ; | : a space or tab");
  }

  using Unnamed = ExecTemplate::Unnamed;
  ExecTemplate make_template(const std::vector<std::string>& command, ExecNames names) const {
    return make_template(command, std::move(names),
                         no_append_ ? Unnamed::are_left_out : Unnamed::are_appended);
  }
  ExecTemplate make_template(const std::vector<std::string>& command, ExecNames names,
                             Unnamed unnamed) const {
    names.literal_braces = literal_braces_;
    const auto words = command_words(command);
    return shell_ ? ExecTemplate::of_shell(words.front(), names, unnamed)
                  : ExecTemplate::of_words(words, names, unnamed);
  }

  taskrun::ExecInput make_input(const taskrun::ExecWords& words) const {
    if (words_.empty() && isatty(STDIN_FILENO) != 0) {
      throw usage_error(
          "no command is given, and nothing comes from stdin; exec --help shows examples");
    }
    if (pipe_) return blocks(words);
    if (csv_) return rows(words);
    if (jsonl_) return objects(words);
    if (auto once = run_once(words)) return std::move(*once);
    if (const auto list = taskrun::only_list_of(words.sources)) {
      const ExecNames names{ExecNames::Kind::sources, 1};
      return {
          taskrun::ExecLists(lines_of({*list}, line_rules(words)), taskrun::values_as_lines()),
          words.command.empty() ? items_as_words() : words_by(make_template(words.command, names))};
    }
    using Linked = taskrun::ExecCombinations::Linked;
    taskrun::ExecCombinations values(words.sources, line_rules(words),
                                     shortest_ ? Linked::to_the_shortest : Linked::equally_long);
    if (words.command.empty()) return items_as_commands(std::move(values));
    const ExecNames names{ExecNames::Kind::sources, values.column_count()};
    return {std::move(values), words_by(make_template(words.command, names))};
  }

  // A command that wants no value where nobody gives one. An empty file or pipe gives none, too,
  // but may have been meant to.
  std::optional<taskrun::ExecInput> run_once(const taskrun::ExecWords& words) const {
    const bool terminal = isatty(STDIN_FILENO) != 0;
    if (words.command.empty() || !words.sources.empty() || null_) return std::nullopt;
    if (!terminal && taskrun::may_give_input(STDIN_FILENO)) return std::nullopt;
    const ExecNames names{ExecNames::Kind::sources, 1};
    if (make_template(words.command, names, Unnamed::are_left_out).names_values()) {
      if (!terminal) return std::nullopt;
      throw usage_error(
          "no values are given, and stdin is a terminal: write ::: and values behind the command, "
          "or :::: and a file of them");
    }
    const ExecNames none{ExecNames::Kind::sources, 0};
    return taskrun::ExecInput(
        taskrun::ExecCombinations({}, {}, taskrun::ExecCombinations::Linked::equally_long),
        words_by(make_template(words.command, none, Unnamed::are_left_out)));
  }

  // A stream is cut while it comes; workers read files by themselves.
  taskrun::ExecInput blocks(const taskrun::ExecWords& words) const {
    runner_.require_program(block_template(words).program());
    if (const auto stream = taskrun::stream_of(words)) {
      taskrun::LineRules rules;
      rules.block_bytes = block_bytes_;
      rules.longest_bytes += std::min(block_bytes_, UINT64_MAX - rules.longest_bytes);
      return taskrun::ExecInput(taskrun::Lines(*stream, rules));
    }
    return taskrun::ExecInput(taskrun::Texts(
        taskrun::text_sources(taskrun::lists_of(words.sources, "--pipe"), taskrun::Folders::refuse),
        taskrun::Overhang::lines));
  }

  taskrun::ExecInput rows(const taskrun::ExecWords& words) const {
    auto rules = taskrun::csv_rules(separator());
    rules.csv.comment = taskrun::comment_mark(comment_, separator());
    auto files = lines_of(taskrun::lists_of(words.sources, "--csv"), rules);
    const ExecNames names = taskrun::take_csv_headers(files, separator());
    return {
        taskrun::ExecLists(std::move(files), taskrun::rows_of_csv(names.value_count, separator())),
        words_by(make_template(words.command, names))};
  }

  taskrun::ExecInput objects(const taskrun::ExecWords& words) const {
    auto files = lines_of(taskrun::lists_of(words.sources, "--jsonl"), {});
    const auto made = make_template(words.command, taskrun::look_for_fields(files));
    return {taskrun::ExecLists(std::move(files), taskrun::objects_of_json(made.fields())),
            words_by(made)};
  }

  static std::vector<taskrun::Lines> lines_of(const std::vector<std::string>& paths,
                                              const taskrun::LineRules& rules) {
    std::vector<taskrun::Lines> lists;
    for (const auto& path : paths) lists.emplace_back(path, rules);
    return lists;
  }

  taskrun::MakeWords words_by(ExecTemplate made) const {
    runner_.require_program(made.program());
    return [made = std::move(made)](const ExecItem& item) { return made.expand(item); };
  }

  ExecTemplate block_template(const taskrun::ExecWords& words) const {
    return make_template(words.command, {ExecNames::Kind::nothing, 0});
  }

  // Without a command the values are commands.
  taskrun::MakeWords items_as_words() const {
    return [shell = shell_](const ExecItem& item) {
      std::string text;
      for (const auto& value : item.values) {
        if (!text.empty()) text += ' ';
        text += value;
      }
      if (shell) return std::vector<std::string>{"/bin/sh", "-c", text};
      const auto begin = text.find_first_not_of(" \t");
      if (begin != text.npos && text[begin] == '#') return std::vector<std::string>{};  // a comment
      auto words = taskrun::split_words(text);
      if (words.empty()) throw usage_error("item " + std::to_string(item.number) + ": no command");
      return words;
    };
  }

  taskrun::ExecInput items_as_commands(taskrun::ExecCombinations values) const {
    taskrun::ExecInput input(std::move(values), items_as_words());
    std::set<std::string> programs;
    for (std::uint64_t i = 0; i < input.size(); ++i) {
      const auto commands = input.slice({i, i + 1}).commands;
      const auto& words = commands.front().words;
      if (words.empty()) continue;
      if (programs.insert(words.front()).second) runner_.require_program(words.front());
    }
    return input;
  }

  void make_results_folder() const {
    std::error_code error;
    fs::create_directories(settings_.results, error);
    if (!error) return;
    throw usage_error("cannot make the folder --results " + settings_.results + ": " +
                      taskrun::system_reason(error.value()));
  }

  // --- running it

  void emit_block(const ExecPart& part, taskrun::Output& out,
                  const taskrun::Context& context) const {
    if (!part.trouble.empty()) throw taskrun::ChunkFailed(part.trouble);
    taskrun::BlockLines lines(part.block);
    // The first of it tells whether there is anything: a long line fills several blocks.
    std::string_view ahead = lines.next();
    if (ahead.empty()) return;
    const auto input = [&] { return ahead.empty() ? lines.next() : std::exchange(ahead, {}); };
    ExecCommand command;
    command.number = context.chunk() + 1;
    command.words =
        block_template(taskrun::read_exec_words(words_)).expand({command.number, {}, {}});
    command.tag = std::to_string(command.number);
    const auto trouble = run(command, input, out, context);
    if (!trouble.empty()) trouble.raise();
  }

  taskrun::ExecTrouble run(const ExecCommand& command,
                           const std::function<std::string_view()>& input, taskrun::Output& out,
                           const taskrun::Context& context) const {
    if (!command.trouble.empty()) return {command.trouble};
    if (command.words.empty()) return {};
    auto trouble = runner_.run(command, input, out, context);
    if (trouble.empty()) return trouble;
    if (!command.place.empty()) trouble.what.insert(0, command.place + ": ");
    trouble.what += ": " + named(command, context.limits().secrets);
    return trouble;
  }

  // For people; a shell's parameters would tell them little.
  std::string named(const ExecCommand& command, taskrun::Secrets secrets) const {
    if (!shell_) return taskrun::command_in_brief(command.words, secrets);
    const auto text = taskrun::read_exec_words(words_).command;
    const std::string whole = text.empty() || pipe_
                                  ? command.words.at(2)
                                  : command_words(text).front() + " ::: " + command.tag;
    return taskrun::in_brief(taskrun::shown_with(secrets, whole), taskrun::most_command_bytes);
  }

  std::vector<std::string> words_;
  bool shell_ = false;
  bool null_ = false;
  bool shortest_ = false;
  bool csv_ = false;
  bool jsonl_ = false;
  std::string separator_ = ",";
  std::string comment_;
  bool literal_braces_ = false;
  bool no_append_ = false;
  bool overwrites_ = false;
  bool pipe_ = false;
  std::uint64_t block_bytes_ = 10'000'000;
  bool unordered_ = false;
  taskrun::ExecSettings settings_;
  taskrun::ExecRunner runner_{settings_};
};

}  // namespace

TASKRUN_JOB(exec, "run a command for each of many values, files, rows or blocks of text", Exec)
