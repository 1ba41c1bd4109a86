// SPDX-License-Identifier: MIT
#include "app/cli/hints.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "app/cli/fresh_job.hpp"
#include "app/cli/given_secrets.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/os/passed_input.hpp"

namespace taskrun {
namespace {

// Of the options given: those of the job, and those that say how the dataset is cut. The latter
// have values.
const Param* relevant_param(const CommandLine& line, const std::string& name) {
  static const Param of_grid{"", "", "N", "", "", nullptr, nullptr};
  if (const Param* const param = param_named(line.params.all(), name)) return param;
  return name == "chunks" || name == "chunk-size" ? &of_grid : nullptr;
}

// The file that standard input is; empty where it is none, or has no name any more.
std::string input_file() {
  struct stat input {};
  struct stat named {};
  if (fstat(STDIN_FILENO, &input) != 0 || !S_ISREG(input.st_mode)) return "";
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/0", failed);
  if (failed || stat(path.c_str(), &named) != 0) return "";
  return named.st_dev == input.st_dev && named.st_ino == input.st_ino ? path.string() : "";
}

std::string with_input(const std::string& command) {
  const std::string file = input_is_read() ? input_file() : "";
  return file.empty() ? command : command + " < " + printable_shell_word(file);
}

std::string hint(const std::string& purpose, const std::string& command) {
  const bool lacks_input = input_is_read() && input_file().empty();
  return purpose + (lacks_input ? ", given the same standard input: " : ": ") + command;
}

// The line's job once more, with these options; secrets as they may be shown.
std::string job_command(const CommandLine& line, const std::string& first_options) {
  std::string options;
  std::string values;
  for (const auto* all : {&line.taken_up, &line.given}) {
    for (const auto& [name, text] : shown_given(*all, line.settings.secrets())) {
      const Param* param = relevant_param(line, name);
      if (param == nullptr) continue;
      if (param->is_arguments()) {
        values += fmt::format(" {}", printable_shell_word(text));
      } else if (param->is_flag()) {
        options += fmt::format(" --{}", name);
      } else if (text.starts_with('-')) {
        options += fmt::format(" --{}={}", name, printable_shell_word(text));
      } else {
        options += fmt::format(" --{} {}", name, printable_shell_word(text));
      }
    }
  }
  const char* const dashes = values.empty() ? "" : " --";  // some may look like options
  return fmt::format("{} {} {}{}{}{}", printable_shell_word(line.program), line.entry->name,
                     first_options, options, dashes, values);
}

}  // namespace

std::string resume_command(const CommandLine& line) {
  const std::string& journal = line.settings.journal_path;
  if (line.entry == nullptr || !has_masked(line)) return resume_command(line.program, journal);
  return job_command(line, "--journal " + printable_shell_word(journal) + " --resume");
}

std::string resume_command(const std::string& program, const std::string& journal) {
  return printable_shell_word(program) + " resume " + printable_shell_word(journal);
}

std::string failed_command(const std::string& program, const std::string& journal) {
  return printable_shell_word(program) + " log " + printable_shell_word(journal) + " --failed";
}

std::string failed_hint(const CommandLine& line) {
  const std::string& journal = line.settings.journal_path;
  return journal.empty() ? "with --journal FILE all are listed"
                         : "all: " + failed_command(line.program, journal);
}

std::string resume_hint(const CommandLine& line) {
  return hint("continue with", with_input(resume_command(line)));
}

std::string only_chunk_command(const CommandLine& line, std::uint64_t chunk) {
  return with_input(job_command(line, fmt::format("--only-chunk {}", chunk + 1)));
}

std::string only_chunk_hint(const CommandLine& line, std::uint64_t chunk) {
  return hint("to run one alone", only_chunk_command(line, chunk));
}

}  // namespace taskrun
