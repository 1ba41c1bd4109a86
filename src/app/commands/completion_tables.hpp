// SPDX-License-Identifier: MIT
// What can be typed, as the shells' completions and the man page need it: taken from the tables
// that the command line is read with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.hpp"
#include "taskrun/job/registry.hpp"

namespace taskrun {

/// The options of a command or a job alone, or those of every run. They are told, not set.
struct Subject {
  std::string name;
  std::string help;
  std::vector<Param> options;
  std::vector<Param> run_options;  ///< of a command: those that go with it
  bool takes_rest = false;         ///< of a job: its words are commands and files
};

struct CompletionTables {
  std::string program;
  std::vector<Subject> commands;
  std::vector<Subject> jobs;
  std::vector<Param> run_options;
  /// Of commands: those that take a job; a journal; the name of a job or a command; one of these
  /// words.
  std::vector<std::string> with_job;
  std::vector<std::string> with_journal;
  std::vector<std::string> with_topic;
  std::vector<std::pair<std::string, std::vector<std::string>>> with_words;
};

CompletionTables completion_tables(std::string program, const Commands& commands,
                                   const Registry& jobs);

/// The words that a value may be, as its range lists them: "bar, lines or off". Of a word that a
/// number follows what stands before the number. Empty for other ranges.
std::vector<std::string> words_of(const Param& param);

/// Whether a value may be the name of a file.
bool may_be_file(const Param& param);

}  // namespace taskrun
