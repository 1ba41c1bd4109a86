// SPDX-License-Identifier: MIT
#include "taskrun/job/csv.hpp"

#include <algorithm>
#include <stdexcept>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

// Rows of an item: a few milliseconds of work, and what waits in memory for its turn.
constexpr std::uint64_t item_bytes = 1 << 20;
// Longer rows are no rows, but a quote too much.
constexpr std::uint64_t most_row_bytes = 64 << 20;
// Reading so much at a time costs little and stays in the processor's memory.
constexpr std::uint64_t block_bytes = 256 << 10;

std::uint64_t count_of(std::string_view text, char c) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), c));
}

// The size of the row that the text begins with, with its line end; all of it where none is found.
std::size_t row_size(std::string_view text) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == '\n' && !quoted) return at + 1;
  }
  return text.size();
}

// Goes through a file and knows at each place whether it is inside quotes.
class Scan {
 public:
  explicit Scan(const TextPiece& whole) : whole_(whole), reader_(whole) {}

  std::uint64_t offset() const { return offset_; }
  std::uint64_t line() const { return line_; }
  bool at_end() const { return offset_ == whole_.source_bytes; }

  // To that place, or to the end.
  void pass_to(std::uint64_t target) {
    while (offset_ < target && !at_end()) {
      const auto block = reader_.read(offset_, std::min(target, offset_ + block_bytes));
      if (count_of(block, '"') % 2 == 1) quoted_ = !quoted_;
      pass(block);
    }
  }

  // To the end of the row that is here.
  void pass_row() {
    const std::uint64_t begin = offset_;
    const std::uint64_t first_line = line_;
    for (bool ended = false; !ended && !at_end();) {
      // Short reads: the end is near, most often.
      const auto block = reader_.read(offset_, offset_ + 4096);
      std::size_t used = 0;
      while (used < block.size() && !ended) {
        if (block[used] == '"') quoted_ = !quoted_;
        ended = block[used] == '\n' && !quoted_;
        ++used;
      }
      pass(block.substr(0, used));
      if (offset_ - begin > most_row_bytes) fail(first_line, "a row of more than 64 MiB");
    }
    if (at_end() && quoted_) fail(row_line_, "the file ends inside quotes that open here or after");
    row_line_ = line_;
  }

 private:
  void pass(std::string_view text) {
    offset_ += text.size();
    line_ += count_of(text, '\n');
  }
  [[noreturn]] void fail(std::uint64_t line, const std::string& what) const {
    throw usage_error(whole_.name + ":" + std::to_string(line) + ": " + what +
                      "; is there a quote too many?");
  }

  const TextPiece& whole_;
  TextReader reader_;
  std::uint64_t offset_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t row_line_ = 1;  // of the row after the last one that was looked for
  bool quoted_ = false;
};

}  // namespace

// --- CsvReader

std::string CsvCell::text() const {
  if (!quoted) return std::string(raw);
  std::string plain;
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  for (std::size_t at = 0; at < inside.size(); ++at) {
    plain += inside[at];
    if (inside[at] == '"') ++at;
  }
  return plain;
}

std::string csv_cell(std::string_view text, char separator) {
  const bool plain = text.find_first_of("\"\r\n") == text.npos && text.find(separator) == text.npos;
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string_view CsvReader::take_row() {
  const auto row = rest_.substr(0, row_size(rest_));
  rest_.remove_prefix(row.size());
  line_count_ = count_of(row, '\n');
  return row;
}

void CsvReader::read(std::vector<CsvCell>& cells, std::string_view& end) {
  std::string_view row = take_row();
  const std::size_t end_size = row.ends_with("\r\n") ? 2 : row.ends_with('\n') ? 1 : 0;
  end = row.substr(row.size() - end_size);
  row.remove_suffix(end_size);
  row_ = row;
  split(row, cells);
}

void CsvReader::split(std::string_view row, std::vector<CsvCell>& cells) const {
  cells.clear();
  const auto fail = [&](const char* what) {
    cells.clear();
    return std::runtime_error(what);
  };
  while (true) {
    std::size_t size = 0;
    const bool quoted = row.starts_with('"');
    if (quoted) {
      for (size = 1; size < row.size(); ++size) {
        if (row[size] != '"') continue;
        if (!row.substr(size + 1).starts_with('"')) break;
        ++size;
      }
      if (size == row.size()) throw fail("a quote is not closed");
      ++size;
    } else {
      size = std::min(row.find(separator_), row.size());
    }
    if (size < row.size() && row[size] != separator_) {
      throw fail("something follows the closing quote of a cell");
    }
    if (!quoted && row.substr(0, size).find('"') != row.npos) {
      throw fail("a quote stands inside a cell that does not begin with one");
    }
    cells.push_back({row.substr(0, size), quoted});
    if (size == row.size()) return;
    row.remove_prefix(size + 1);
  }
}

// --- CsvRows

CsvRows::CsvRows(TextSource source) : text_({std::move(source)}) { find_borders(); }

void CsvRows::find_borders() {
  const TextPiece whole = text_.slice({0, text_.size()}).front();
  if (whole.source_bytes == 0) {
    throw usage_error(whole.name + " is empty: its first line must name the columns");
  }
  Scan scan(whole);
  std::uint64_t target = 0;  // the header is the first row
  while (!scan.at_end()) {
    scan.pass_to(target);
    scan.pass_row();
    borders_.push_back({scan.offset(), scan.line()});
    target = scan.offset() + item_bytes;
  }
  header_ = TextReader(whole).read(0, borders_.front().offset);
}

CsvPart CsvRows::slice(ItemRange items) const {
  CsvPart part;
  part.header = header_;
  part.has_header = items.begin == 0;
  // Item i, but for the header, is [borders_[i - 1], borders_[i]).
  const Border begin = part.has_header ? borders_.front() : borders_[items.begin - 1];
  const Border end = borders_[items.end - 1];
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
