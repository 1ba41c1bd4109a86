// SPDX-License-Identifier: MIT
// Replacement strings, such as {}, {1.} and {name}: where they are in a text, and what they stand
// for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// What a command is made for.
struct ExecItem {
  std::uint64_t number = 0;  ///< from 1: {#}
  std::string row;           ///< the row of a table as it stands, for {}
  /// {1}, {2} and so on: of each source its value, of a row its cells, or what the template's
  /// fields() name.
  std::vector<std::string> values;
  std::string place{};  ///< "list.txt:7", for messages; of values that were given none
};

/// What replacement strings may refer to.
struct ExecNames {
  enum class Kind {
    sources,  ///< {1} to {value_count}; {} is all values
    columns,  ///< likewise, or by name; {} is the row
    fields,   ///< {name}; {} is the row
    nothing,  ///< {#} alone
  };
  Kind kind = Kind::sources;
  std::size_t value_count = 1;
  /// Names of the columns; of fields those that are known. Without any, each name may be a field.
  std::vector<std::string> columns{};
  /// What else is in braces is text, even if it looks like a name.
  bool literal_braces = false;
  std::string place{};  ///< where the names are from, for messages
  std::string hint{};   ///< why names may be missing there, likewise; or empty
};

struct ExecReference {
  enum class Which { value, all, number, row };
  enum class Shape { whole, no_extension, base, folder, base_no_extension };
  Which which = Which::all;
  std::size_t value = 0;
  Shape shape = Shape::whole;

  /// As one text; all values with spaces between them.
  std::string text(const ExecItem& item) const;
  /// A value in this shape.
  std::string shaped(std::string_view of) const;
};

class ReferenceReader {
 public:
  /// `fields` gets the fields that occur. Both outlive it.
  ReferenceReader(const ExecNames& names, std::vector<std::string>& fields)
      : names_(names), fields_(fields) {}

  struct Found {
    ExecReference reference;
    std::size_t length = 0;
  };
  /// What is written at the beginning of the text; none where that is just text. Throws Error
  /// (usage) for what refers to nothing.
  std::optional<Found> find(std::string_view text);

  bool found_any() const { return found_any_; }
  /// What {} is.
  ExecReference everything() const;

 private:
  bool has_rows() const {
    return names_.kind == ExecNames::Kind::columns || names_.kind == ExecNames::Kind::fields;
  }
  std::optional<ExecReference> read(std::string_view inside);
  std::optional<ExecReference> value_named(std::string_view name);
  std::optional<std::size_t> column_named(std::string_view name) const;
  ExecReference field(std::string_view name);
  std::optional<ExecReference> numbered(std::string_view digits) const;
  void refuse_unknown(std::string_view inside, std::string_view name) const;

  const ExecNames& names_;
  std::vector<std::string>& fields_;
  bool found_any_ = false;
};

}  // namespace taskrun
