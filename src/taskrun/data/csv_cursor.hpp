// SPDX-License-Identifier: MIT
// Where rows of CSV end, in whatever pieces the text comes. Pure. A quote opens a quoted cell only
// where the cell begins with it; anywhere else it is text (37° 57' 55.6"), as all readers of CSV
// take it. So whoever looks for the ends of rows knows what stands between cells.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace taskrun {

/// What CSV is made of.
struct CsvRules {
  char separator = ',';
  char comment = '\0';  ///< lines that begin with it are no rows; none where it is '\0'
};

class CsvCursor {
 public:
  explicit CsvCursor(CsvRules rules) : rules_(rules) {}

  /// The line end that ends the row, or the comment, that the text goes on with; npos where it goes
  /// on after these bytes. What follows the line end has not been looked at. Each byte once.
  std::size_t find_row_end(std::string_view text) {
    std::size_t at = resume(text);
    std::size_t end = text.find('\n', at);
    while (at < text.size()) {
      if (place_ == Place::in_quotes) {
        at = pass_quoted(text, at);
        continue;
      }
      if (at > end) end = text.find('\n', at);
      const auto line = text.substr(0, std::min(end, text.size()));
      if (const auto quote = find_opening(line, at); quote != line.npos) {
        place_ = Place::in_quotes;
        at = quote + 1;
      } else if (end != text.npos) {
        place_ = Place::row_begin;
        return end;
      } else {
        leave(text, at);
        at = text.size();
      }
    }
    return text.npos;
  }

  /// Goes through the text and returns how many rows and comments ended in it.
  std::uint64_t pass(std::string_view text) {
    std::uint64_t row_count = 0;
    // Comments may have any quotes.
    if (rules_.comment != '\0') return pass_by_rows(text);
    for (std::size_t at = resume(text); at < text.size();) {
      if (place_ == Place::in_quotes) {
        at = pass_quoted(text, at);
        continue;
      }
      const auto quote = find_opening(text, at);
      const auto end = std::min(quote, text.size());
      row_count += count_line_ends(text.substr(at, end - at));
      if (quote == text.npos) leave(text, at);
      if (quote != text.npos) place_ = Place::in_quotes;
      at = end + 1;
    }
    return row_count;
  }

  bool at_row_begin() const { return place_ == Place::row_begin; }
  /// Whether the text so far ends inside quotes.
  bool in_quotes() const { return place_ == Place::in_quotes; }
  /// How many line ends have been passed inside quotes.
  std::uint64_t enclosed_line_count() const { return enclosed_; }

 private:
  enum class Place { row_begin, cell_begin, in_cell, in_quotes, after_quote, in_comment };

  // What the last text ended with may only show now. Where to go on.
  std::size_t resume(std::string_view text) {
    if (text.empty() || place_ != Place::after_quote) return 0;
    const bool doubled = text.front() == '"';
    place_ = doubled ? Place::in_quotes : Place::in_cell;
    return doubled ? 1 : 0;
  }

  // Behind what closes the quotes, or doubles one; behind the text where nothing does.
  std::size_t pass_quoted(std::string_view text, std::size_t at) {
    const auto quote = text.find('"', at);
    const auto end = std::min(quote, text.size());
    enclosed_ += count_line_ends(text.substr(at, end - at));
    if (quote == text.npos) return end;
    if (end + 1 == text.size()) {
      place_ = Place::after_quote;
    } else if (text[end + 1] == '"') {
      return end + 2;
    } else {
      place_ = Place::in_cell;
    }
    return end + 1;
  }

  // A quote from there on that a cell begins with; npos where there is none, and in a comment.
  std::size_t find_opening(std::string_view text, std::size_t at) {
    if (place_ == Place::row_begin && rules_.comment != '\0' && at < text.size() &&
        text[at] == rules_.comment) {
      place_ = Place::in_comment;
    }
    if (place_ == Place::in_comment) return text.npos;
    const bool begins = place_ == Place::row_begin || place_ == Place::cell_begin;
    const std::size_t begin = at;
    for (auto quote = text.find('"', at); quote != text.npos; quote = text.find('"', quote + 1)) {
      if (quote == begin ? begins : ends_cell(text[quote - 1])) return quote;
    }
    return text.npos;
  }

  // After the text, whose bytes from there on have no more quotes that matter.
  void leave(std::string_view text, std::size_t at) {
    if (at == text.size() || place_ == Place::in_comment) return;
    const char last = text.back();
    place_ = last == '\n'               ? Place::row_begin
             : last == rules_.separator ? Place::cell_begin
                                        : Place::in_cell;
  }

  std::uint64_t pass_by_rows(std::string_view text) {
    std::uint64_t row_count = 0;
    for (auto end = find_row_end(text); end != text.npos; end = find_row_end(text)) {
      ++row_count;
      text.remove_prefix(end + 1);
    }
    return row_count;
  }

  bool ends_cell(char c) const { return c == rules_.separator || c == '\n'; }
  static std::uint64_t count_line_ends(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  }

  CsvRules rules_;
  Place place_ = Place::row_begin;
  std::uint64_t enclosed_ = 0;
};

}  // namespace taskrun
