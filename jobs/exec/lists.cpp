// SPDX-License-Identifier: MIT
#include "exec/lists.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "exec/json_row.hpp"
#include "exec/sources.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/data/csv.hpp"

namespace taskrun {
namespace {

// Throws std::runtime_error.
std::vector<std::string> cells_of(std::string_view row, char separator) {
  std::vector<CsvCell> cells;
  std::string_view end;
  CsvReader(row, {separator}).read(cells, end);
  std::vector<std::string> texts;
  texts.reserve(cells.size());
  for (const auto& cell : cells) texts.push_back(cell.text());
  return texts;
}

void require_no_nul(const ExecItem& item) {
  const auto look = [](const std::string& value) {
    if (value.find('\0') != value.npos) throw usage_error("a NUL byte, which no argument can have");
  };
  look(item.row);
  for (const auto& value : item.values) look(value);
}

std::string place_of(const Lines& list, const Line& line) {
  return list.name() + ":" + std::to_string(line.number) + ": ";
}

// Why a header may have one name only.
std::string separator_hint(const std::vector<std::string>& cells) {
  struct Other {
    char separator;
    const char* option;
  };
  if (cells.size() != 1) return {};
  for (const auto& [separator, option] : {Other{'\t', "tab"}, {';', "';'"}, {'|', "'|'"}}) {
    if (cells.front().find(separator) == std::string::npos) continue;
    return std::string("; its cells seem to have another separator: give --separator ") + option;
  }
  return {};
}

void add_fields(const JsonRow& object, std::vector<std::string>& names) {
  constexpr std::size_t enough = 1000;
  for (const auto& [name, value] : object.fields) {
    const bool is_new = std::find(names.begin(), names.end(), name) == names.end();
    if (is_new && names.size() < enough) names.push_back(name);
  }
}

}  // namespace

ReadLine values_as_lines() {
  return [](const std::string& line) {
    if (line.find('\0') != line.npos) {
      throw usage_error(
          "a NUL byte, which no argument can have: give --null if it separates the items, or make "
          "UTF-8 of the text if it is UTF-16 (iconv -f UTF-16 -t UTF-8)");
    }
    return ExecItem{0, {}, {line}};
  };
}

ReadLine rows_of_csv(std::size_t cell_count, char separator) {
  return [cell_count, separator](const std::string& row) {
    ExecItem item{0, row, cells_of(row, separator)};
    if (item.values.size() != cell_count) {
      throw usage_error(std::to_string(item.values.size()) +
                        (item.values.size() == 1 ? " cell" : " cells") + ", and the header has " +
                        std::to_string(cell_count));
    }
    require_no_nul(item);
    return item;
  };
}

ReadLine objects_of_json(std::vector<std::string> fields) {
  return [fields = std::move(fields)](const std::string& line) {
    const JsonRow object = read_json_row(line);
    ExecItem item{0, line, {}};
    for (const auto& field : fields) {
      const std::string* value = object.find(field);
      if (value == nullptr) throw usage_error("there is no field \"" + field + "\"");
      item.values.push_back(*value);
    }
    require_no_nul(item);
    return item;
  };
}

LineRules csv_rules(char separator) {
  LineRules rules;
  rules.csv.separator = separator;
  rules.quotes = LineRules::Quotes::enclose;
  return rules;
}

ExecNames take_csv_headers(const std::vector<Lines>& lists, char separator) {
  ExecNames names{ExecNames::Kind::columns, 0};
  for (const Lines& list : lists) {
    const auto header = list.take_header();
    if (!header) continue;
    require_csv(header->text, {separator}, list.name() + ":" + std::to_string(header->number));
    try {
      auto cells = cells_of(header->text, separator);
      if (names.columns.empty()) {
        names.place = list.name();
        names.hint = separator_hint(cells);
        names.value_count = cells.size();
        names.columns = std::move(cells);
      } else if (cells != names.columns) {
        throw std::runtime_error("other columns than those of the first file");
      }
    } catch (const std::runtime_error& error) {
      throw usage_error(place_of(list, *header) + error.what());
    }
  }
  return names;
}

ExecNames look_for_fields(const std::vector<Lines>& lists) {
  ExecNames names{ExecNames::Kind::fields, 0};
  for (const Lines& list : lists) {
    if (names.place.empty()) names.place = list.name();
    for (const Line& line : list.first_lines()) {
      try {
        add_fields(read_json_row(line.text), names.columns);
      } catch (const std::runtime_error&) {
        // It fails alone, when its turn comes.
      }
    }
  }
  return names;
}

// --- ExecLists

ExecLists::ExecLists(std::vector<Lines> lists, ReadLine read)
    : lists_(std::move(lists)), read_(std::move(read)) {
  if (lists_.size() == 1) return;
  for (const Lines& list : lists_) list.read_whole();
}

std::uint64_t ExecLists::size() const {
  std::uint64_t size = 0;
  for (const Lines& list : lists_) size += list.size();
  return size;
}

std::vector<InputFile> ExecLists::streams() const {
  std::vector<InputFile> all;
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const auto streams = streams_of(lists_[i].name(), lists_[i], i + 1);
    all.insert(all.end(), streams.begin(), streams.end());
  }
  return all;
}

ExecItem ExecLists::item(std::uint64_t index) const {
  std::uint64_t begin = 0;
  auto list = lists_.begin();
  while (index - begin >= list->size()) begin += (list++)->size();
  const auto lines = list->slice({index - begin, index - begin + 1});
  try {
    ExecItem item = read_(lines.front().text);
    item.number = index + 1;
    item.place = list->name() + ":" + std::to_string(lines.front().number);
    return item;
  } catch (const std::runtime_error& error) {
    throw usage_error(place_of(*list, lines.front()) + error.what());
  }
}

const Lines* ExecLists::open_ended() const {
  const bool one = lists_.size() == 1 && lists_.front().is_open_ended();
  return one ? &lists_.front() : nullptr;
}

}  // namespace taskrun
