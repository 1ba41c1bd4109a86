// SPDX-License-Identifier: MIT
#include "exec/shell_text.hpp"

#include <algorithm>
#include <utility>

#include "exec/code_words.hpp"
#include "exec/shell_parameters.hpp"
#include "exec/shell_place.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

using Which = ExecReference::Which;
using In = ShellPlace::In;

// Reads the text as a shell does, as far as that tells where a value would stand.
class ShellReader {
 public:
  ShellReader(std::string_view text, const ExecNames& names, ReferenceReader& references,
              bool by_variables)
      : text_(text),
        references_(references),
        kind_(names.kind),
        parameters_(names, text.find('$') != text.npos),
        by_variables_(by_variables) {
    inside_.push_back({In::command});
  }

  void read() {
    while (at_ < text_.size()) {
      const auto found = references_.find(text_.substr(at_));
      if (!found) {
        step();
        continue;
      }
      place(found->reference, text_.substr(at_, found->length));
      at_ += found->length;
    }
    is_simple_ = is_simple_ && inside_.size() == 1 && !ends_open_;
    if (inside_.size() == 1) end_word();
    is_simple_ = is_simple_ && has_command_;
  }

  void append(const ExecReference& everything) {
    script_ += ' ';
    place(everything, "{}");
    end_word();
  }
  void end() {
    while (!inside_.empty()) {
      end_word();
      inside_.pop_back();
    }
  }

  // One command, behind which a value can be written.
  bool is_simple() const { return is_simple_; }
  // Whether it has "$1" or "$@" in it.
  bool names_parameters() const { return names_parameters_; }
  // Parameters are not everywhere what they were at first.
  bool changes_parameters() const {
    return changes_parameters_ ||
           (names_all_ && parameters_.all().size() > parameters_.value_count());
  }

  ShellText made() const {
    const bool names_values = references_.found_any() || names_parameters_;
    if (!by_variables_) return {script_, parameters_.all(), names_values};
    std::string before;
    for (std::size_t i = 1; i <= parameters_.all().size(); ++i) {
      before += "taskrun_" + std::to_string(i) + "=${" + std::to_string(i) + "}; ";
    }
    before += "set --";
    for (std::size_t i = 1; i <= parameters_.value_count(); ++i) {
      before += " \"${" + std::to_string(i) + "}\"";
    }
    return {before + "; " + script_, parameters_.all(), names_values};
  }

 private:
  // --- reading

  In where() const { return inside_.back().in; }
  bool at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  ShellPlace& command() {
    return *std::find_if(inside_.rbegin(), inside_.rend(),
                         [](const ShellPlace& place) { return place.in == In::command; });
  }

  void take(std::size_t count) {
    count = std::min(count, text_.size() - at_);
    script_ += text_.substr(at_, count);
    at_ += count;
  }
  void take_into_word(std::size_t count) {
    count = std::min(count, text_.size() - at_);
    add(text_.substr(at_, count));
    take(count);
  }
  void add(std::string_view text) {
    ShellPlace& place = command();
    place.word += text;
    place.in_word = true;
  }
  void enter(In in, std::size_t count) {
    ShellPlace& place = command();
    place.in_word = true;
    place.is_plain = false;
    take(count);
    inside_.push_back({in});
  }
  void leave(std::size_t count) {
    if (inside_.size() > 1) inside_.pop_back();
    take(count);
  }

  void step() {
    const char c = text_[at_];
    switch (where()) {
      case In::single_quotes:
        return c == '\'' ? leave(1) : take_into_word(1);
      case In::backquotes:
        if (c == '$') note_parameter();
        return c == '`' ? leave(1) : take(c == '\\' || at("${") ? 2 : 1);
      case In::double_quotes:
        if (c == '"') return leave(1);
        break;
      case In::braces:
        if (c == '}') return leave(1);
        // Whether that quotes depends on the shell and on what is around.
        if (c == '\'') doubt_ = "behind ' in ${…}";
        break;
      case In::arithmetic:
        if (c == ')' && inside_.back().parentheses == 1) return leave(1);
        if (c == '\'') doubt_ = "behind ' in arithmetic";
        if (c == '(') ++inside_.back().parentheses;
        if (c == ')') --inside_.back().parentheses;
        break;
      case In::command:
        break;
    }
    if (c == '\\') return take_escaped();
    if (c == '$') return take_dollar();
    if (c == '`') return add("$"), enter(In::backquotes, 1);
    if (c == '"') return enter(In::double_quotes, 1);
    if (where() != In::command) return take_into_word(1);
    take_in_command(c);
  }

  void take_escaped() {
    ends_open_ = at_ + 1 >= text_.size();
    command().is_plain = false;
    if (!at("\\\n")) add(text_.substr(at_ + 1, 1));
    take(2);
  }

  void take_dollar() {
    note_parameter();
    if (where() == In::double_quotes) add(std::string_view(&quoted_mark, 1));
    if (at("$(((")) doubt_ = "behind $(((";
    if (at("$((")) return enter_arithmetic(3);
    if (at("$(")) return enter_command(2);
    if (at("${")) return add("$"), enter(In::braces, 2);
    if (at("$[")) doubt_ = "behind $[";
    if (at("$'") && where() == In::command) doubt_ = "behind $'…'";
    take_into_word(1);
  }
  void note_parameter() {
    const auto name = text_.substr(std::min(at_ + (at("${") ? 2 : 1), text_.size()));
    if (name.empty()) return;
    const bool all =
        name.front() == '@' || name.front() == '*' || (name.front() == '#' && !at("${"));
    names_all_ = names_all_ || all;
    names_parameters_ = names_parameters_ || all || (name.front() >= '1' && name.front() <= '9');
  }
  void enter_arithmetic(std::size_t count) {
    add("$");
    enter(In::arithmetic, count);
    inside_.back().parentheses = 2;
  }
  void enter_command(std::size_t count) {
    add("$");
    take(count);
    inside_.push_back({In::command});
    inside_.back().is_part = true;
  }

  void take_in_command(char c) {
    if (c == '\'') return enter(In::single_quotes, 1);
    if (c == ' ' || c == '\t') return end_word(), take(1);
    if (c == '<' || c == '>') return take_redirection();
    if (c == '(') return take_parenthesis();
    if (c == ')') return close_parenthesis();
    if (std::string_view(";&|\n").find(c) != std::string_view::npos) return take_separator(c);
    if (c == '#' && !command().in_word) return take_comment();
    take_into_word(1);
  }

  void not_simple() {
    if (inside_.size() == 1) is_simple_ = false;
  }

  void take_comment() {
    not_simple();
    take(std::min(text_.find('\n', at_), text_.size()) - at_);
  }

  void take_parenthesis() {
    not_simple();
    const bool is_function = command().in_word || !command().words.empty();
    if (is_function) changes_parameters_ = true;
    if (at("((")) return end_word(), enter_arithmetic(2);
    end_command();
    take(1);
    inside_.push_back({In::command});
  }
  // Also that of a pattern: case x in x)
  void close_parenthesis() {
    not_simple();
    end_command();
    if (inside_.back().case_count > 0) return take(1);
    const bool is_part = inside_.back().is_part;
    leave(1);
    if (is_part || where() != In::command) return;
    // Behind a pattern, (x), a command begins.
    inside_.back().word.clear();
    inside_.back().in_word = false;
    inside_.back().is_plain = true;
  }

  void take_separator(char c) {
    not_simple();
    if (at("&>")) return end_word(), take(1);
    end_command();
    take(1);
    if (c == '\n') take_here_documents();
  }

  void take_redirection() {
    const std::string_view before = command().word;
    const bool is_descriptor = before.find_first_not_of("0123456789") == before.npos;
    if (is_descriptor) {
      command().word.clear();
      command().in_word = false;
    }
    end_word();
    if (at("<<<")) {
      take(3);
    } else if (at("<<")) {
      not_simple();
      here_documents_.push_back({at("<<-")});
      take(at("<<-") ? 3 : 2);
      awaits_end_ = true;
    } else {
      const bool two = at(">>") || at(">&") || at("<&") || at(">|") || at("<>");
      take(two ? 2 : 1);
    }
    command().is_target = true;
  }

  void take_here_documents() {
    awaits_end_ = false;  // a line that ends behind << names no end
    for (const auto& document : std::exchange(here_documents_, {})) {
      while (at_ < text_.size()) {
        const auto end = std::min(text_.find('\n', at_), text_.size());
        std::string_view line = text_.substr(at_, end - at_);
        refuse_values_in(line);
        while (document.strips_tabs && line.starts_with('\t')) line.remove_prefix(1);
        take(end + 1 - at_);
        if (line == document.end) break;
      }
    }
  }
  void refuse_values_in(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (const auto found = references_.find(line.substr(i))) {
        refuse(found->reference, line.substr(i, found->length), "in a here-document");
      }
    }
  }

  // --- words and commands

  void end_word() {
    ShellPlace& place = inside_.back();
    if (place.in != In::command || !place.in_word) return;
    const std::string word = std::exchange(place.word, {});
    const bool is_plain = std::exchange(place.is_plain, true);
    place.in_word = false;
    if (std::exchange(awaits_end_, false)) here_documents_.back().end = word;
    if (std::exchange(place.is_target, false)) return;
    check(place.words, word);
    if (is_plain && place.words.empty() && take_keyword(place, word)) return;
    if (word == "set" || word == "shift") changes_parameters_ = true;
    if (inside_.size() == 1 && word.find('=') == word.npos) has_command_ = true;
    place.words.push_back(word);
    if (place.words.size() == 3 && place.words[0] == "case" && word == "in") place.words.clear();
  }

  // Behind most of them a command begins.
  bool take_keyword(ShellPlace& place, std::string_view word) {
    if (word == "case") ++place.case_count;
    if (word == "esac" && place.case_count > 0) --place.case_count;
    if (word == "function") changes_parameters_ = true;
    const bool is_one = is_shell_keyword(word);
    if (is_one && word != "!") not_simple();
    return is_one;
  }

  void end_command() {
    end_word();
    inside_.back().words.clear();
    inside_.back().is_target = false;
  }

  // --- values

  void check(const std::vector<std::string>& before, const std::string& word) const {
    if (word.find(value_mark) == word.npos) return;
    if (!before.empty() && before.front() == "[[") refuse_last("inside [[ ]] (use [ ])");
    auto reader = reader_of_code(before, word);
    if (!reader) reader = builtin_reader_of_code(before, word);
    if (reader) refuse_last("where " + *reader + " reads code");
  }
  [[noreturn]] void refuse_last(const std::string& where) const {
    refuse(last_, last_text_, where);
  }
  [[noreturn]] void refuse(const ExecReference& reference, std::string_view written,
                           const std::string& where) const {
    const bool has_number = reference.which == Which::all || reference.which == Which::value;
    const bool is_parameter = has_number && reference.shape == ExecReference::Shape::whole &&
                              kind_ != ExecNames::Kind::fields;
    const std::string number = std::to_string(reference.value + 1);
    throw usage_error(std::string(written) + " stands " + where +
                      ", where a shell could run the value as code; " +
                      (is_parameter
                           ? "the value is in \"$" + number + "\""
                           : "write v=" + std::string(written) + "; before, and \"$v\" there") +
                      ", or give " + std::string(written) + " as an argument of its own");
  }

  void place(const ExecReference& reference, std::string_view written) {
    last_ = reference;
    last_text_ = written;
    for (const auto& around : inside_) {
      if (around.in == In::arithmetic) refuse_last("in arithmetic");
      if (around.in == In::backquotes) refuse_last("in backquotes (use $(…))");
      if (around.in == In::braces) refuse_last("in ${…}");
    }
    if (awaits_end_) refuse_last("where a here-document's end is named");
    if (doubt_ != nullptr) refuse_last(std::string(doubt_) + ", which shells read differently");
    for (auto& around : inside_) {
      if (around.in != In::command) continue;
      around.word += value_mark;
      around.in_word = true;
      around.is_plain = false;
    }
    std::string between;
    for (const auto number : parameters_.of(reference)) {
      script_ += std::exchange(between, where() == In::single_quotes ? "' '" : " ");
      put_parameter((by_variables_ ? "${taskrun_" : "${") + std::to_string(number) + "}");
    }
  }
  void put_parameter(const std::string& parameter) {
    if (where() == In::single_quotes) {
      script_ += "'\"" + parameter + "\"'";
    } else if (where() == In::double_quotes) {
      script_ += parameter;
    } else {
      script_ += "\"" + parameter + "\"";
    }
  }

  const std::string_view text_;
  ReferenceReader& references_;
  const ExecNames::Kind kind_;
  ShellParameters parameters_;
  const bool by_variables_;
  std::size_t at_ = 0;
  std::string script_;
  std::vector<ShellPlace> inside_;
  std::vector<HereDocument> here_documents_;  // whose text begins behind this line
  bool awaits_end_ = false;                   // the word of the last one is next
  ExecReference last_;
  std::string_view last_text_;
  const char* doubt_ = nullptr;
  bool is_simple_ = true;
  bool has_command_ = false;
  bool ends_open_ = false;
  bool names_parameters_ = false;
  bool names_all_ = false;
  bool changes_parameters_ = false;
};

}  // namespace

ShellText shell_text(std::string_view text, const ExecNames& names, ReferenceReader& references,
                     bool appends) {
  const auto read = [&](bool by_variables) {
    ShellReader reader(text, names, references, by_variables);
    reader.read();
    const bool has_values = references.found_any() || reader.names_parameters() ||
                            names.kind == ExecNames::Kind::nothing;
    if (appends && !has_values) {
      if (!reader.is_simple()) {
        throw usage_error(
            "the shell text is more than one simple command and does not say where the value goes: "
            "write {} or \"$1\" there, or give --no-append to run it without");
      }
      reader.append(references.everything());
    }
    reader.end();
    return reader;
  };
  const ShellReader first = read(false);
  return first.changes_parameters() ? read(true).made() : first.made();
}

}  // namespace taskrun
