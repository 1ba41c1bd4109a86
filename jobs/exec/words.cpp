// SPDX-License-Identifier: MIT
#include "exec/words.hpp"

#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

constexpr std::string_view blanks = " \t\n";
// What a shell does something with where it is not quoted. Patterns are left out: a shell leaves
// them as they are, too, where no file matches.
constexpr std::string_view for_shell = "|&;<>()`$";
// What a backslash takes its meaning from inside double quotes.
constexpr std::string_view escapable = "$`\"\\\n";

bool is_among(char c, std::string_view set) { return set.find(c) != set.npos; }

class WordSplitter {
 public:
  explicit WordSplitter(std::string_view command) : command_(command) {}

  std::vector<std::string> split() {
    while (at_ < command_.size()) take();
    end_word();
    return std::move(words_);
  }

 private:
  void take() {
    const char c = command_[at_++];
    if (is_among(c, blanks)) {
      end_word();
    } else if (c == '\'') {
      take_single_quoted();
    } else if (c == '"') {
      take_double_quoted();
    } else if (c == '\\') {
      take_escaped();
    } else if (is_among(c, for_shell)) {
      throw needs_shell(c);
    } else {
      add(c);
    }
  }

  void take_single_quoted() {
    const auto end = command_.find('\'', at_);
    if (end == command_.npos) throw not_closed("'");
    add(command_.substr(at_, end - at_));
    at_ = end + 1;
  }

  void take_double_quoted() {
    add("");  // "" is a word
    while (at_ < command_.size()) {
      const char c = command_[at_++];
      if (c == '"') return;
      if (is_among(c, "$`")) throw needs_shell(c);
      if (c != '\\' || at_ == command_.size() || !is_among(command_[at_], escapable)) {
        add(c);
      } else {
        take_escaped();
      }
    }
    throw not_closed("\"");
  }

  void take_escaped() {
    if (at_ == command_.size()) throw usage_error("the command ends with a backslash");
    const char c = command_[at_++];
    if (c != '\n') add(c);  // else the line goes on
  }

  void add(char c) { add(std::string_view(&c, 1)); }
  void add(std::string_view text) {
    if (!in_word_) words_.emplace_back();
    in_word_ = true;
    words_.back() += text;
  }
  void end_word() { in_word_ = false; }

  Error needs_shell(char c) const {
    return usage_error(std::string("'") + c + "' in the command " + shown(command_) +
                       " is for a shell: add --shell, or put it in single quotes inside of it");
  }
  Error not_closed(const char* quote) const {
    return usage_error("the command " + shown(command_) + " has a " + quote +
                       " that is not closed");
  }

  std::string_view command_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
  bool in_word_ = false;
};

}  // namespace

std::vector<std::string> split_words(std::string_view command) {
  return WordSplitter(command).split();
}

}  // namespace taskrun
