// SPDX-License-Identifier: MIT
#include "app/commands/man_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "app/cli/fresh_job.hpp"
#include "app/cli/run_settings.hpp"
#include "app/commands/help_text.hpp"
#include "app/program_version.hpp"

namespace taskrun {
namespace {

// The character that begins there, which is more than a byte: \[u2026] for troff. `i` goes to its
// last byte.
std::string wide_character(std::string_view text, std::size_t& i) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const int more = byte(i) >= 0xF0 ? 3 : byte(i) >= 0xE0 ? 2 : 1;
  std::uint32_t code = byte(i) & (0x3FU >> more);
  for (int k = 0; k < more && i + 1 < text.size(); ++k) code = code << 6 | (byte(++i) & 0x3FU);
  return fmt::format("\\[u{:04X}]", code);
}

// As troff shows it: a dash is one to be copied, and no line is a request.
std::string troff(std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool begins_line = i == 0 || text[i - 1] == '\n';
    if (begins_line && (c == '.' || c == '\'')) all += "\\&";
    if (static_cast<unsigned char>(c) >= 0x80) {
      all += wide_character(text, i);
    } else {
      all += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    }
  }
  return all;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string in_bold(std::string_view text) { return "\\fB" + troff(text) + "\\fR"; }

// A paragraph with a tag.
std::string tagged(const std::string& tag, const std::string& text) {
  return fmt::format(".TP\n{}\n{}\n", tag, text);
}

std::string options_of(const std::vector<Param>& params) {
  std::string all;
  for (const Param& param : params) {
    all += tagged(in_bold(spelled(param)), troff(param.help + limits(param)));
  }
  return all;
}

// A command line to be copied, and what it does.
std::string man_example(const std::string& command, const std::string& what) {
  return tagged(in_bold(command), troff(what));
}

std::string forms_of(const std::string& program, const Command& command) {
  std::string all;
  std::string_view rest = command.arguments;
  for (std::string name(command.name);; name = "") {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string begin = program + (name.empty() ? "" : " " + name);
    all += fmt::format("{} {}\n.br\n", in_bold(begin), troff(rest.substr(0, end)));
    if (end == rest.size()) return all;
    rest.remove_prefix(end + 1);
  }
}

std::string command_text(const std::string& program, const Command& command) {
  std::string text = fmt::format(".SS {}\n{}.PP\n{}.\n", troff(command.name),
                                 forms_of(program, command), troff(command.help));
  if (!command.more.empty()) text += troff(command.more);
  const auto action = command.make();
  text += options_of(action->options());
  for (const auto& [arguments, what] : command.examples) {
    text += man_example(program + " " + arguments, what);
  }
  return text;
}

std::string job_text(const std::string& program, const Registry::Entry& entry) {
  const FreshJob fresh(&entry);
  std::string text = fmt::format(".SS {}\n{}.\n", troff(entry.name), troff(entry.help)) +
                     options_of(fresh.params.all());
  for (const auto& [arguments, what] : fresh.params.examples()) {
    text +=
        man_example(program + " " + entry.name + (arguments.empty() ? "" : " " + arguments), what);
  }
  return text;
}

}  // namespace

std::string man_page(const std::string& program, const Commands& commands, const Registry& jobs) {
  std::string text = fmt::format(
      ".\\\" Written by: {0} help --man\n"
      ".TH {1} 1 \"\" \"{0} {2}\"\n"
      ".SH NAME\n{0} \\- run a job over a big dataset on every core, of one machine or of many\n"
      ".SH SYNOPSIS\n{3}{4} COMMAND ...\n"
      ".SH DESCRIPTION\n"
      "Runs a job over a big dataset on every core: of this machine, or, under\n.B mpirun\n"
      "or with the command\n.BR launch ,\nof many. Results are bit\\-identical, however it is "
      "run.\n"
      "They go to stdout, everything else to stderr.\n",
      troff(program), upper(troff(program)), program_version(), forms_of(program, commands.run),
      in_bold(program));
  text += troff(numbers_text) + ".SH COMMANDS\n";
  for (const Command& command : commands.named) text += command_text(program, command);
  text += ".SH JOBS\n";
  for (const auto& entry : jobs.entries()) text += job_text(program, entry);
  RunSettings settings;
  text += ".SH RUN OPTIONS\n" + options_of(run_params(settings));
  text += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : exit_codes) {
    text += tagged(in_bold(std::to_string(code)), troff(meaning));
  }
  return text;
}

}  // namespace taskrun
