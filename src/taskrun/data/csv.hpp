// SPDX-License-Identifier: MIT
// A dataset of the rows of a CSV file (RFC 4180), larger than memory if need be. The coordinator
// reads the file once to find out where rows begin, which only whoever saw all quotes before knows;
// the workers read their own rows. What the cells mean is left to the job.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/data/csv_cursor.hpp"
#include "taskrun/data/texts.hpp"

namespace taskrun {

/// A cell as it lies in the file.
struct CsvCell {
  std::string_view raw;  ///< with its quotes, if it has some
  bool quoted = false;   ///< it begins with a quote

  /// Without quotes, doubled ones inside made one.
  std::string text() const;
};

/// Reads rows out of text, one after the other.
class CsvReader {
 public:
  CsvReader(std::string_view text, CsvRules rules) : rest_(text), rules_(rules), cursor_(rules) {}

  bool at_end() const { return rest_.empty(); }
  /// Takes the next row, or comment: its cells, valid as long as the text, and in `end` its line
  /// end as it is. Throws std::runtime_error where a quoted cell does not end as it should; the row
  /// is passed over all the same, and its cells are what other readers take them for.
  void read(std::vector<CsvCell>& cells, std::string_view& end);
  /// What was read last is a comment: it has no cells.
  bool is_comment() const { return is_comment_; }
  /// The row that was read last, without its line end, as it is.
  std::string_view row() const { return row_; }
  /// How many line ends the row had that was read last: more than one where cells have some.
  std::uint64_t line_count() const { return line_count_; }

 private:
  std::string_view take_row();

  std::string_view rest_;
  CsvRules rules_;
  CsvCursor cursor_;
  std::string_view row_;
  bool is_comment_ = false;
  std::uint64_t line_count_ = 0;
};

/// Throws Error (usage) where a header, as it was cut from its file, shows that this is no CSV that
/// can be read: UTF-16, or lines that end in CR alone. `place` is that of the header.
void require_csv(std::string_view header, CsvRules rules, const std::string& place);

/// The cell as it is written: in quotes where it needs some.
std::string csv_cell(std::string_view text, char separator);

/// What comments begin with, as the option --comment says it; '\0' where it is empty. Throws Error
/// (usage) where it is not one character, or one that rows need.
char comment_mark(const std::string& option, char separator);

/// What a chunk of rows is.
struct CsvPart {
  std::string preamble;  ///< what lies before the header: a mark, comments, blank lines
  std::string header;    ///< the first row, with its line end
  std::uint64_t header_line = 1;
  bool has_header = false;  ///< this part begins the output
  TextPiece rows;
  std::uint64_t first_line = 0;  ///< of the rows, in the file, from 1

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& preamble& header& header_line& has_header& rows& first_line;
  }
};

/// The dataset. Its first item is the header, each other one a row (a blank line and a comment are
/// one as well).
class CsvRows {
 public:
  /// Reads through the file. Throws Error (usage) where it has no header, a quote is never closed,
  /// or a row is longer than 64 MiB.
  explicit CsvRows(TextSource source, CsvRules rules = {});

  std::uint64_t size() const { return size_; }
  /// Rows that are a few milliseconds of work, if all are of the same length.
  std::uint64_t chunk_size() const;
  CsvPart slice(ItemRange items) const;
  void ship(ItemRange items, Bytes& out) const;
  static CsvPart receive(ByteView bytes);
  std::vector<InputFile> inputs() const { return text_.inputs(); }

 private:
  struct Place {
    std::uint64_t item = 0;  // that begins there
    std::uint64_t offset = 0;
    std::uint64_t line = 1;
  };
  class Scan;

  Place take_header(const TextPiece& whole);
  void find_rows(const TextPiece& whole, Place first);
  [[noreturn]] static void fail_in_quotes(const Scan& scan, std::uint64_t line);
  std::uint64_t line_of_last_row(const TextPiece& whole) const;
  void add_place(const Place& place);
  Place place_of(std::uint64_t item) const;
  TextPiece whole() const { return text_.slice({0, text_.size()}).front(); }

  Texts text_;
  CsvRules rules_;
  std::string preamble_;
  std::string header_;
  std::uint64_t header_line_ = 1;
  // Some of the rows, in their order, the first one behind the header among them: the others are
  // found from there. The last one is where the file ends.
  std::vector<Place> places_;
  std::uint64_t place_bytes_ = 4096;  // from one to the next, about
  std::uint64_t size_ = 0;
};

}  // namespace taskrun
