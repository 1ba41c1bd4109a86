// SPDX-License-Identifier: MIT
// Cuts bytes into lines, rows of CSV or blocks of lines, in whatever pieces the bytes come. Pure:
// who reads is lines.hpp's matter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "taskrun/core/byte_order_mark.hpp"
#include "taskrun/data/csv_cursor.hpp"

namespace taskrun {

/// What a line is.
struct LineRules {
  enum class Empty { skipped, kept };
  enum class Quotes {
    text,     ///< like any other byte
    enclose,  ///< in quoted cells a separator is text: a line is a row of CSV (RFC 4180)
  };

  char separator = '\n';               ///< or '\0'
  Empty empty_lines = Empty::skipped;  ///< they have a number all the same
  Quotes quotes = Quotes::text;
  CsvRules csv;  ///< where they enclose; comments are no lines
  std::uint64_t longest_bytes = std::uint64_t{16} << 20;  ///< longer ones are refused
  /// Not 0: "lines" are blocks of whole lines with their ends, as few as have so many bytes.
  std::uint64_t block_bytes = 0;
};

/// A line as it was cut. Where it is too long its text is not there.
struct CutLine {
  std::string_view text;     ///< without its end (of \n also \r\n)
  std::uint64_t number = 0;  ///< from 1; of a row, that of the line it begins in
  bool too_long = false;
};

/// Keeps the begun line, at most as long as a line may be. A byte-order mark before the first line
/// is no part of it; names that end with NUL, and blocks, are exact and begin with what they begin
/// with.
class LineSplitter {
 public:
  explicit LineSplitter(LineRules rules)
      : rules_(rules),
        may_be_mark_(rules.separator == '\n' && rules.block_bytes == 0),
        rows_(rules.csv) {}

  /// Calls take(CutLine) for each line that ends in these bytes; its text is valid meanwhile.
  template <class Take>
  void feed(std::string_view bytes, Take take) {
    bytes = skip_mark(bytes);
    const std::size_t kept = rules_.block_bytes > 0 ? 1 : 0;  // of the separator
    for (auto end = find_end(bytes); end != bytes.npos; end = find_end(bytes)) {
      cut(bytes.substr(0, end + kept), take);
      bytes.remove_prefix(end + 1);
    }
    hold(bytes);
    refuse_begun(take);
  }
  /// The end of the input, which may also be the end of a line.
  template <class Take>
  void finish(Take take) {
    if (may_be_mark_) hold_mark_so_far();
    if (!begun_.empty() || too_long_) cut({}, take);
  }

 private:
  // It may come in pieces, too.
  std::string_view skip_mark(std::string_view bytes) {
    while (may_be_mark_ && !bytes.empty()) {
      if (bytes.front() != byte_order_mark[mark_size_]) {
        hold_mark_so_far();
        break;
      }
      bytes.remove_prefix(1);
      may_be_mark_ = ++mark_size_ < byte_order_mark.size();
    }
    return bytes;
  }
  // It was none.
  void hold_mark_so_far() {
    may_be_mark_ = false;
    const auto bytes = byte_order_mark.substr(0, mark_size_);
    static_cast<void>(rows_.find_row_end(bytes));
    hold(bytes);
  }

  // The separator that ends the begun line; npos where it goes on after these bytes. Looks at each
  // byte once.
  std::size_t find_end(std::string_view bytes) {
    if (rules_.block_bytes > 0) return find_end_of_block(bytes);
    if (rules_.quotes == LineRules::Quotes::enclose) return rows_.find_row_end(bytes);
    return bytes.find(rules_.separator);
  }
  std::size_t find_end_of_block(std::string_view bytes) {
    const std::uint64_t missing = rules_.block_bytes - std::min(block_size_, rules_.block_bytes);
    const std::uint64_t from = missing > 0 ? missing - 1 : 0;
    const auto end = from < bytes.size() ? bytes.find(rules_.separator, from) : bytes.npos;
    block_size_ = end == bytes.npos ? block_size_ + bytes.size() : 0;
    return end;
  }

  // As soon as it is known: the end of such a line may never come.
  template <class Take>
  void refuse_begun(Take take) {
    if (!too_long_ || std::exchange(refused_, true)) return;
    take(CutLine{{}, number_ + 1, true});
  }

  template <class Take>
  void cut(std::string_view rest, Take take) {
    std::string_view line = rest;
    if (!begun_.empty() || too_long_ || rest.size() > rules_.longest_bytes) {
      hold(rest);
      line = begun_;
    }
    const bool is_line = rules_.block_bytes == 0 && rules_.separator == '\n';
    if (is_line && line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    if (!refused_ && !is_comment(line) &&
        (!line.empty() || too_long_ || rules_.empty_lines == LineRules::Empty::kept)) {
      take(CutLine{line, number_, too_long_});
    }
    number_ += rows_.enclosed_line_count() - std::exchange(enclosed_, rows_.enclosed_line_count());
    begun_.clear();
    too_long_ = false;
    refused_ = false;
  }

  // Like an empty line, it has a number all the same.
  bool is_comment(std::string_view line) const {
    return rules_.quotes == LineRules::Quotes::enclose && rules_.csv.comment != '\0' &&
           line.starts_with(rules_.csv.comment);
  }

  void hold(std::string_view part) {
    too_long_ = too_long_ || begun_.size() + part.size() > rules_.longest_bytes;
    if (too_long_) {
      begun_ = {};
    } else {
      begun_ += part;
    }
  }

  const LineRules rules_;
  bool may_be_mark_;           // all bytes so far begin one
  std::size_t mark_size_ = 0;  // of those bytes
  std::string begun_;
  bool too_long_ = false;
  bool refused_ = false;      // it has been given out as too long
  std::uint64_t number_ = 0;  // of lines, or blocks, that are cut
  CsvCursor rows_;
  std::uint64_t enclosed_ = 0;    // line ends inside rows that are cut
  std::uint64_t block_size_ = 0;  // of the begun block, with what was not held
};

}  // namespace taskrun
