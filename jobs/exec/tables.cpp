// SPDX-License-Identifier: MIT
// Rows of CSV and JSONL as items of exec.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "exec/sources.hpp"
#include "taskrun/core/descriptor.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/csv.hpp"
#include "taskrun/job/line_splitter.hpp"
#include "taskrun/job/lines.hpp"

namespace taskrun {
namespace {

using nlohmann::json;

Error bad_row(const std::string& place, const std::string& what) {
  return usage_error(place + ": " + what);
}

std::string place_of(const std::string& path, std::uint64_t line) {
  return input_name(path) + ":" + std::to_string(line);
}

// All of a file, a pipe, or standard input.
std::string content_of(const std::string& path) {
  const auto cannot_read = [&] {
    return usage_error("cannot read " + input_name(path) + ": " +
                       std::generic_category().message(errno));
  };
  const Descriptor file(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) throw cannot_read();
  std::string content;
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ssize_t count = read(file.fd(), buffer.data(), buffer.size());
    if (count == 0) return content;
    if (count > 0) {
      content.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw cannot_read();
    }
  }
}

void require_no_nul(const std::vector<std::string>& values, const std::string& place) {
  for (const auto& value : values) {
    if (value.find('\0') != value.npos) {
      throw bad_row(place, "a NUL byte, which no argument can have");
    }
  }
}

class CsvRowsReader {
 public:
  void read(const std::string& path, const std::string& content) {
    CsvReader reader(content, ',');
    std::uint64_t line = 1;
    for (bool first = true; !reader.at_end(); first = false) {
      const std::string place = place_of(path, line);
      std::vector<std::string> cells = next(reader, place);
      line += reader.line_count();
      if (first) {
        take_header(std::move(cells), place);
      } else if (!reader.row().empty()) {
        add(reader.row(), std::move(cells), place);
      }
    }
  }

  ExecTable table;

 private:
  static std::vector<std::string> next(CsvReader& reader, const std::string& place) {
    std::vector<CsvCell> cells;
    std::string_view end;
    try {
      reader.read(cells, end);
    } catch (const std::runtime_error& error) {
      throw bad_row(place, error.what());
    }
    std::vector<std::string> texts;
    for (const auto& cell : cells) texts.push_back(cell.text());
    require_no_nul(texts, place);
    return texts;
  }

  void take_header(std::vector<std::string> cells, const std::string& place) {
    ExecNames& names = table.names;
    if (names.columns.empty()) {
      names = {ExecNames::Kind::columns, cells.size(), std::move(cells)};
    } else if (cells != names.columns) {
      throw bad_row(place, "other columns than those of the first file");
    }
  }

  void add(std::string_view row, std::vector<std::string> cells, const std::string& place) {
    if (cells.size() != table.names.value_count) {
      throw bad_row(place, std::to_string(cells.size()) + " cells, and the header has " +
                               std::to_string(table.names.value_count));
    }
    table.rows.push_back({table.rows.size() + 1, std::string(row), std::move(cells)});
  }
};

// A text as it is, anything else as JSON has it; null is empty.
std::string text_of(const json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::string> values_of(const std::string& line, const std::vector<std::string>& fields,
                                   const std::string& place) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) throw bad_row(place, "no JSON object, such as {\"name\": \"value\"}");
  std::vector<std::string> values;
  for (const auto& field : fields) {
    const auto found = object.find(field);
    if (found == object.end()) throw bad_row(place, "there is no field \"" + field + "\"");
    values.push_back(text_of(*found));
  }
  require_no_nul(values, place);
  return values;
}

}  // namespace

ExecTable read_csv_table(const std::vector<std::string>& lists) {
  CsvRowsReader reader;
  for (const auto& path : lists) reader.read(path, content_of(path));
  reader.table.names.kind = ExecNames::Kind::columns;
  return std::move(reader.table);
}

ExecTable read_jsonl_table(const std::vector<std::string>& lists,
                           const std::vector<std::string>& fields) {
  ExecTable table;
  table.names.kind = ExecNames::Kind::fields;
  LineRules rules;
  rules.longest_bytes = std::numeric_limits<std::uint64_t>::max();  // all of it is in memory anyway
  for (const auto& path : lists) {
    const auto add = [&](const CutLine& line) {
      const std::string place = place_of(path, line.number);
      std::string row(line.text);
      auto values = values_of(row, fields, place);
      require_no_nul({row}, place);
      table.rows.push_back({table.rows.size() + 1, std::move(row), std::move(values)});
    };
    LineSplitter lines(rules);
    lines.feed(content_of(path), add);
    lines.finish(add);
  }
  return table;
}

}  // namespace taskrun
