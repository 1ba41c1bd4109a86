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
#include "taskrun/job/texts.hpp"

namespace taskrun {

/// A cell as it lies in the file.
struct CsvCell {
  std::string_view raw;  ///< with its quotes, if it has some
  bool quoted = false;

  /// Without quotes, doubled ones inside made one.
  std::string text() const;
};

/// Reads rows out of text, one after the other.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator) : rest_(text), separator_(separator) {}

  bool at_end() const { return rest_.empty(); }
  /// Takes the next row: its cells, valid as long as the text, and in `end` its line end as it is.
  /// Throws std::runtime_error where a quote is out of place; the row is passed over all the same,
  /// and has no cells.
  void read(std::vector<CsvCell>& cells, std::string_view& end);
  /// The row that was read last, without its line end, as it is.
  std::string_view row() const { return row_; }
  /// How many line ends the row had that was read last: more than one where cells have some.
  std::uint64_t line_count() const { return line_count_; }

 private:
  std::string_view take_row();
  void split(std::string_view row, std::vector<CsvCell>& cells) const;

  std::string_view rest_;
  std::string_view row_;
  char separator_;
  std::uint64_t line_count_ = 0;
};

/// The cell as it is written: in quotes where it needs some.
std::string csv_cell(std::string_view text, char separator);

/// What a chunk of rows is.
struct CsvPart {
  std::string header;       ///< the file's first row, with its line end
  bool has_header = false;  ///< this part begins the output
  TextPiece rows;
  std::uint64_t first_line = 0;  ///< of the rows, in the file, from 1

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& header& has_header& rows& first_line;
  }
};

/// The dataset. Its first item is the header, each other one some hundred kB of whole rows.
class CsvRows {
 public:
  /// Reads through the file. Throws Error (usage) where it has no header, a quote is never closed,
  /// or a row is longer than 64 MiB.
  explicit CsvRows(TextSource source);

  std::uint64_t size() const { return borders_.size(); }
  CsvPart slice(ItemRange items) const;
  void ship(ItemRange items, Bytes& out) const;
  static CsvPart receive(ByteView bytes);
  std::vector<std::filesystem::path> inputs() const { return text_.inputs(); }

 private:
  struct Border {
    std::uint64_t offset = 0;
    std::uint64_t line = 1;
  };
  void find_borders();

  Texts text_;
  std::string header_;
  // Where the items after the header begin, and at last where the file ends.
  std::vector<Border> borders_;
};

}  // namespace taskrun
