// SPDX-License-Identifier: MIT
#include "taskrun/data/csv.hpp"

#include <algorithm>
#include <stdexcept>

#include "taskrun/core/byte_order_mark.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

// Rows of a chunk: a few milliseconds of work, and what waits in memory for its turn.
constexpr std::uint64_t chunk_bytes = 1 << 20;
// Longer rows are no rows, but a quote too much.
constexpr std::uint64_t most_row_bytes = 64 << 20;
// Reading so much at a time costs little and stays in the processor's memory.
constexpr std::uint64_t block_bytes = 256 << 10;
// Places of rows that are kept.
constexpr std::size_t most_places = 1 << 20;
constexpr std::uint64_t short_read_bytes = 4096;

std::uint64_t count_of(std::string_view text, char c) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), c));
}

std::string_view without_line_end(std::string_view row) {
  if (row.ends_with('\n')) row.remove_suffix(row.ends_with("\r\n") ? 2 : 1);
  return row;
}

// As much of it as there is; a CR whose LF may have been cut off is left out.
std::string_view first_line(std::string_view text, std::uint64_t source_bytes) {
  if (const auto end = text.find('\n'); end != text.npos) return text.substr(0, end + 1);
  if (text.size() < source_bytes && text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// Where the quotes of a cell close that the text begins with; npos where they do not.
std::size_t closing_quote(std::string_view text) {
  auto quote = text.find('"', 1);
  while (quote != text.npos && text.substr(quote + 1).starts_with('"')) {
    quote = text.find('"', quote + 2);
  }
  return quote;
}

// The size of the quoted cell that the row begins with, as other readers take it: what follows the
// closing quote belongs to it. `fault` says what is wrong with it.
std::size_t quoted_size(std::string_view row, char separator, const char*& fault) {
  const auto quote = closing_quote(row);
  if (quote == row.npos) {
    fault = "a quote is not closed";
    return row.size();
  }
  const auto size = std::min(row.find(separator, quote), row.size());
  if (size > quote + 1) fault = "something follows the closing quote of a cell";
  return size;
}

// Returns what is wrong with a quoted cell, or nullptr.
const char* split(std::string_view row, char separator, std::vector<CsvCell>& cells) {
  const char* fault = nullptr;
  while (true) {
    const bool quoted = row.starts_with('"');
    const auto size =
        quoted ? quoted_size(row, separator, fault) : std::min(row.find(separator), row.size());
    cells.push_back({row.substr(0, size), quoted});
    if (size == row.size()) return fault;
    row.remove_prefix(size + 1);
  }
}

}  // namespace

// --- CsvReader

std::string CsvCell::text() const {
  if (!quoted) return std::string(raw);
  std::string plain;
  std::size_t at = 1;
  for (; at < raw.size(); ++at) {
    if (raw[at] == '"' && !raw.substr(++at).starts_with('"')) break;
    plain += raw[at];
  }
  return plain.append(raw.substr(std::min(at, raw.size())));
}

std::string csv_cell(std::string_view text, char separator) {
  const bool plain = text.find_first_of("\"\r\n") == text.npos && text.find(separator) == text.npos;
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string_view CsvReader::take_row() {
  const auto end = cursor_.find_row_end(rest_);
  const auto row = end == rest_.npos ? rest_ : rest_.substr(0, end + 1);
  rest_.remove_prefix(row.size());
  line_count_ = count_of(row, '\n');
  return row;
}

void CsvReader::read(std::vector<CsvCell>& cells, std::string_view& end) {
  const std::string_view row = take_row();
  row_ = without_line_end(row);
  end = row.substr(row_.size());
  cells.clear();
  is_comment_ = rules_.comment != '\0' && row_.starts_with(rules_.comment);
  if (is_comment_) return;
  if (const char* fault = split(row_, rules_.separator, cells)) throw std::runtime_error(fault);
}

void require_csv(std::string_view header, CsvRules rules, const std::string& place) {
  if (header.starts_with("\xff\xfe") || header.starts_with("\xfe\xff") ||
      header.find('\0') != header.npos) {
    throw usage_error(place +
                      ": this is UTF-16, or no text; 'iconv -f UTF-16 -t UTF-8' makes a file of "
                      "it that can be read");
  }
  std::vector<CsvCell> cells;
  split(without_line_end(header), rules.separator, cells);
  for (const auto& cell : cells) {
    const auto quote = cell.quoted ? closing_quote(cell.raw) : 0;
    if (quote == cell.raw.npos || cell.raw.find('\r', quote) == cell.raw.npos) continue;
    throw usage_error(place +
                      ": its lines end in CR alone; \"tr '\\r' '\\n'\" makes a file of it that "
                      "can be read");
  }
}

char comment_mark(const std::string& option, char separator) {
  if (option.empty()) return '\0';
  const std::string_view needed = "\"\r\n";
  if (option.size() == 1 && option.front() != separator && needed.find(option) == needed.npos) {
    return option.front();
  }
  throw usage_error("--comment " + option +
                    ": expected one character that is no quote and no separator, such as #");
}

// --- CsvRows

// Goes through a file, from a place where a row begins.
class CsvRows::Scan {
 public:
  Scan(const TextPiece& whole, CsvRules rules, Place from)
      : whole_(whole), reader_(whole), cursor_(rules), at_(from) {}

  bool at_end() const { return at_.offset == whole_.source_bytes; }
  bool in_quotes() const { return cursor_.in_quotes(); }
  // Of the row that is here, unless pass_to ended inside of one.
  const Place& place() const { return at_; }

  // To that place, or to the end.
  void pass_to(std::uint64_t target) {
    while (at_.offset < target && !at_end()) {
      const auto block = read(std::min(target - at_.offset, block_bytes));
      at_.item += cursor_.pass(block);
      pass(block);
    }
  }

  // To the end of the row that is here.
  void pass_row() {
    if (at_end()) {
      at_.item += cursor_.at_row_begin() ? 0 : 1;
      return;
    }
    const Place begin = at_;
    // Short reads first: the end is near, most often.
    for (std::uint64_t size = short_read_bytes; !at_end(); size = block_bytes) {
      const auto block = read(size);
      const auto end = cursor_.find_row_end(block);
      pass(block.substr(0, end == block.npos ? end : end + 1));
      if (at_.offset - begin.offset > most_row_bytes) {
        fail(begin.line, "a row of more than 64 MiB");
      }
      if (end != block.npos) break;
    }
    ++at_.item;
  }

  // To where that item begins, which is before `limit` unless the file has changed.
  void pass_rows(std::uint64_t item, std::uint64_t limit) {
    while (at_.item < item && at_.offset < limit) {
      auto block = read(std::min(limit - at_.offset, block_bytes));
      while (at_.item < item && !block.empty()) {
        const auto end = cursor_.find_row_end(block);
        const auto row = block.substr(0, end == block.npos ? end : end + 1);
        pass(row);
        block.remove_prefix(row.size());
        if (end != block.npos) ++at_.item;
      }
    }
  }

  [[noreturn]] void fail(std::uint64_t line, const std::string& what) const {
    throw usage_error(whole_.name + ":" + std::to_string(line) + ": " + what +
                      "; is there a quote too many?");
  }

 private:
  std::string_view read(std::uint64_t size) { return reader_.read(at_.offset, at_.offset + size); }
  void pass(std::string_view text) {
    at_.offset += text.size();
    at_.line += count_of(text, '\n');
  }

  const TextPiece& whole_;
  TextReader reader_;
  CsvCursor cursor_;
  Place at_;
};

CsvRows::CsvRows(TextSource source, CsvRules rules) : text_({std::move(source)}), rules_(rules) {
  const TextPiece whole = this->whole();
  find_rows(whole, take_header(whole));
}

// Returns where the first row begins.
CsvRows::Place CsvRows::take_header(const TextPiece& whole) {
  TextReader reader(whole);
  const auto begin = reader.read(0, short_read_bytes);
  require_csv(first_line(begin, whole.source_bytes), rules_, whole.name);
  const bool has_mark = begin.starts_with(byte_order_mark);
  Scan scan(whole, rules_, {0, has_mark ? byte_order_mark.size() : 0, 1});
  while (!scan.at_end()) {
    const Place row_begin = scan.place();
    scan.pass_row();
    const auto row = reader.read(row_begin.offset, scan.place().offset);
    const bool is_comment = rules_.comment != '\0' && row.starts_with(rules_.comment);
    if (is_comment || without_line_end(row).empty()) continue;
    require_csv(row, rules_, whole.name + ":" + std::to_string(row_begin.line));
    header_ = row;
    header_line_ = row_begin.line;
    preamble_ = reader.read(0, row_begin.offset);
    if (scan.in_quotes()) fail_in_quotes(scan, row_begin.line);
    return {1, scan.place().offset, scan.place().line};
  }
  throw usage_error(whole.name + (whole.source_bytes == 0
                                      ? " is empty: its first line must name the columns"
                                      : " has no rows: its first one must name the columns"));
}

void CsvRows::find_rows(const TextPiece& whole, Place first) {
  places_.push_back(first);
  Scan scan(whole, rules_, first);
  while (!scan.at_end()) {
    scan.pass_to(scan.place().offset + place_bytes_);
    scan.pass_row();
    if (scan.in_quotes()) fail_in_quotes(scan, line_of_last_row(whole));
    add_place(scan.place());
  }
  size_ = places_.back().item;
}

void CsvRows::fail_in_quotes(const Scan& scan, std::uint64_t line) {
  scan.fail(line, "the file ends inside quotes that open here or after");
}

std::uint64_t CsvRows::line_of_last_row(const TextPiece& whole) const {
  Scan scan(whole, rules_, places_.back());
  std::uint64_t line = scan.place().line;
  for (; !scan.at_end(); scan.pass_row()) line = scan.place().line;
  return line;
}

// Half of them where they are too many.
void CsvRows::add_place(const Place& place) {
  if (places_.size() >= most_places) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < places_.size(); i += 2) places_[kept++] = places_[i];
    places_.resize(kept);
    place_bytes_ *= 2;
  }
  places_.push_back(place);
}

CsvRows::Place CsvRows::place_of(std::uint64_t item) const {
  const auto after =
      std::upper_bound(places_.begin(), places_.end(), item,
                       [](std::uint64_t wanted, const Place& one) { return wanted < one.item; });
  const Place& before = *std::prev(after);
  if (before.item == item || after == places_.end()) return before;
  const TextPiece whole = this->whole();
  Scan scan(whole, rules_, before);
  scan.pass_rows(item, after->offset);
  return scan.place();
}

std::uint64_t CsvRows::chunk_size() const {
  const std::uint64_t bytes = places_.back().offset - places_.front().offset;
  return bytes <= chunk_bytes ? size_ : std::max<std::uint64_t>(1, size_ * chunk_bytes / bytes);
}

CsvPart CsvRows::slice(ItemRange items) const {
  CsvPart part;
  part.preamble = preamble_;
  part.header = header_;
  part.header_line = header_line_;
  part.has_header = items.begin == 0;
  const Place begin = place_of(std::max<std::uint64_t>(items.begin, 1));
  const Place end = place_of(std::max<std::uint64_t>(items.end, 1));
  part.rows = text_.slice({begin.offset, std::max(begin.offset + 1, end.offset)}).front();
  part.rows.end = end.offset;
  part.first_line = begin.line;
  return part;
}

void CsvRows::ship(ItemRange items, Bytes& out) const {
  CsvPart part = slice(items);
  if (part.rows.open_file) {
    TextReader reader(part.rows);
    part.rows.text_begin = part.rows.begin;
    part.rows.text = reader.read(part.rows.begin, part.rows.end);
  }
  encode(part, out);
}

CsvPart CsvRows::receive(ByteView bytes) { return decode<CsvPart>(bytes); }

}  // namespace taskrun
