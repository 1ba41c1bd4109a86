// SPDX-License-Identifier: MIT
#include "exec/template.hpp"

#include <utility>

#include "exec/code_words.hpp"
#include "exec/shell_text.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {

ExecTemplate::Word ExecTemplate::read_word(std::string_view text, ReferenceReader& references) {
  Word word;
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const auto found = references.find(text.substr(at));
    if (!found) {
      plain += text[at++];
      continue;
    }
    if (!plain.empty()) word.emplace_back(std::exchange(plain, {}));
    word.emplace_back(found->reference);
    at += found->length;
  }
  if (!plain.empty() || word.empty()) word.emplace_back(plain);
  return word;
}

ExecTemplate ExecTemplate::of_words(const std::vector<std::string>& words, const ExecNames& names,
                                    Unnamed unnamed) {
  ExecTemplate made;
  ReferenceReader references(names, made.fields_);
  for (const auto& word : words) made.words_.push_back(read_word(word, references));
  made.names_values_ = references.found_any();
  if (!references.found_any() && names.kind != ExecNames::Kind::nothing &&
      unnamed == Unnamed::are_appended) {
    made.words_.push_back({references.everything()});
  }
  made.refuse_values_in_code();
  return made;
}

void ExecTemplate::refuse_values_in_code() const {
  std::vector<std::string> before;
  for (const Word& parts : words_) {
    std::string word;
    for (const Part& part : parts) {
      const auto* plain = std::get_if<std::string>(&part);
      word += plain != nullptr ? *plain : std::string(1, value_mark);
    }
    if (word.find(value_mark) != word.npos) {
      if (const auto reader = reader_of_code(before, word)) {
        throw usage_error("a value would be part of the code that " + *reader +
                          " reads, and could be run: give it as an argument of its own (sh -c "
                          "'echo \"$1\"' sh {}), or give --shell in place of a shell");
      }
    }
    before.push_back(std::move(word));
  }
}

ExecTemplate ExecTemplate::of_shell(const std::string& text, const ExecNames& names,
                                    Unnamed unnamed) {
  ExecTemplate made;
  ReferenceReader references(names, made.fields_);
  const ShellText shell = shell_text(text, names, references, unnamed == Unnamed::are_appended);
  made.names_values_ = shell.names_values;
  for (const std::string& word :
       {std::string("/bin/sh"), std::string("-c"), shell.script, std::string("sh")}) {
    made.words_.push_back({word});
  }
  for (const auto& parameter : shell.parameters) made.words_.push_back({parameter});
  return made;
}

std::vector<std::string> ExecTemplate::expand(const ExecItem& item) const {
  std::vector<std::string> command;
  command.reserve(words_.size());
  for (const Word& word : words_) {
    const auto* reference = std::get_if<ExecReference>(&word.front());
    if (word.size() == 1 && reference != nullptr && reference->which == ExecReference::Which::all) {
      // Several values stay several arguments.
      for (const auto& value : item.values) command.push_back(reference->shaped(value));
      continue;
    }
    std::string& text = command.emplace_back();
    for (const Part& part : word) {
      const auto* plain = std::get_if<std::string>(&part);
      text += plain != nullptr ? *plain : std::get<ExecReference>(part).text(item);
    }
  }
  return command;
}

std::string ExecTemplate::program() const {
  if (words_.empty() || words_.front().size() != 1) return {};
  const auto* plain = std::get_if<std::string>(&words_.front().front());
  return plain == nullptr ? std::string() : *plain;
}

}  // namespace taskrun
