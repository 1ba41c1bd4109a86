// SPDX-License-Identifier: MIT
// A command with replacement strings in it, such as {} and {1.}: read once, then made into the
// words of a command for each item. Pure; starting commands is process.hpp's matter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace taskrun {

/// What a command is made for.
struct ExecItem {
  std::uint64_t number = 0;  ///< from 1: {#}
  std::string row;           ///< the row of a table as it stands, for {}
  /// {1}, {2} and so on: of each source its value, of a row its cells, or what the template's
  /// fields() name.
  std::vector<std::string> values;
};

/// What replacement strings may refer to.
struct ExecNames {
  enum class Kind {
    sources,  ///< {1} to {value_count}; {} is all values
    columns,  ///< likewise, or by name; {} is the row
    fields,   ///< {any_name}; {} is the row
    nothing,  ///< {#} alone
  };
  Kind kind = Kind::sources;
  std::size_t value_count = 1;
  std::vector<std::string> columns{};  ///< their names
};

class ExecTemplate {
 public:
  /// Of a command given as words. Without a replacement string {} is appended. Throws Error (usage)
  /// for one that refers to nothing.
  static ExecTemplate of_words(const std::vector<std::string>& words, const ExecNames& names);
  /// Of a command for /bin/sh. It gets values as parameters and never reads them as its language.
  static ExecTemplate of_shell(const std::string& text, const ExecNames& names);

  /// The words of the command, the program first.
  std::vector<std::string> expand(const ExecItem& item) const;
  /// The program, where it is the same for all items; else empty.
  std::string program() const;
  /// For ExecNames::fields: those that occur, in the order of their values.
  const std::vector<std::string>& fields() const { return fields_; }

 private:
  enum class Which { value, all, number, row };
  enum class Shape { whole, no_extension, base, folder, base_no_extension };
  struct Reference {
    Which which = Which::all;
    std::size_t value = 0;
    Shape shape = Shape::whole;
  };
  using Part = std::variant<std::string, Reference>;
  using Word = std::vector<Part>;
  class Reader;
  class ShellReader;

  static std::string shaped(std::string_view value, Shape shape);
  static std::string text_of(const Reference& reference, const ExecItem& item);

  std::vector<Word> words_;
  std::vector<std::string> fields_;
};

}  // namespace taskrun
