// SPDX-License-Identifier: MIT
// data/csv: rows of any text; cells there and back; what CsvRows cuts, row by row, is the whole.
#include "taskrun/data/csv.hpp"

#include <algorithm>

#include "exec/lists.hpp"
#include "input.hpp"
#include "taskrun/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const char separator = ",;|:\t "[in.byte() % 6];
  const std::string text(in.rest());
  CsvReader reader(text, CsvRules{separator});
  std::vector<CsvCell> cells;
  std::string_view end;
  std::string all;
  while (!reader.at_end()) {
    try {
      reader.read(cells, end);
      FUZZ_REQUIRE(!cells.empty());
      std::string row;
      for (const auto& cell : cells) {
        const std::string plain = cell.text();
        const std::string written = csv_cell(plain, separator);
        CsvReader again(written, CsvRules{separator});
        std::vector<CsvCell> one;
        std::string_view ignored;
        if (!written.empty()) {
          again.read(one, ignored);
          FUZZ_REQUIRE(one.size() == 1 && one.front().text() == plain && ignored.empty());
        }
        if (&cell != &cells.front()) row += separator;
        row += cell.raw;
      }
      FUZZ_REQUIRE(row == reader.row());
    } catch (const std::runtime_error&) {
      // A quote that is not closed, or text behind one.
    }
    all += std::string(reader.row()) + std::string(end);
  }
  FUZZ_REQUIRE(all == text);
  try {
    const CsvRows rows({"text", text.size(), nullptr, std::make_shared<const std::string>(text)});
    std::string parts;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      const CsvPart part = rows.slice({i, i + 1});
      if (part.has_header) parts += part.header;
      TextReader text_of_part(part.rows);
      parts += text_of_part.read(part.rows.begin, part.rows.end);
    }
    // But for what comes before the header: a byte-order mark, comments, empty lines.
    FUZZ_REQUIRE(text.ends_with(parts));
  } catch (const Error&) {
  }
  try {
    rows_of_csv(3, separator)(text);
  } catch (const std::runtime_error&) {
  }
  return 0;
}
