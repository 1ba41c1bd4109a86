// SPDX-License-Identifier: MIT
// A command with replacement strings in it, such as {} and {1.}: read once, then made into the
// words of a command for each item. Pure; starting commands is process.hpp's matter.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "exec/reference.hpp"

namespace taskrun {

class ExecTemplate {
 public:
  /// What becomes of the values where the command names none.
  enum class Unnamed { are_appended, are_left_out };

  /// Of a command given as words. Throws Error (usage) where a replacement string refers to
  /// nothing, or stands in code for a shell.
  static ExecTemplate of_words(const std::vector<std::string>& words, const ExecNames& names,
                               Unnamed unnamed = Unnamed::are_appended);
  /// Of a command for /bin/sh. It gets values as parameters and never reads them as its language.
  static ExecTemplate of_shell(const std::string& text, const ExecNames& names,
                               Unnamed unnamed = Unnamed::are_appended);

  /// The words of the command, the program first.
  std::vector<std::string> expand(const ExecItem& item) const;
  /// The program, where it is the same for all items; else empty.
  std::string program() const;
  /// Whether it says where a value goes.
  bool names_values() const { return names_values_; }
  /// For ExecNames::fields: those that occur, in the order of their values.
  const std::vector<std::string>& fields() const { return fields_; }

 private:
  using Part = std::variant<std::string, ExecReference>;
  using Word = std::vector<Part>;

  static Word read_word(std::string_view text, ReferenceReader& references);
  void refuse_values_in_code() const;

  std::vector<Word> words_;
  std::vector<std::string> fields_;
  bool names_values_ = false;
};

}  // namespace taskrun
