// SPDX-License-Identifier: MIT
#include "exec/lists.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "taskrun/core/error.hpp"
#include "taskrun/job/csv.hpp"

namespace taskrun {
namespace {

using nlohmann::json;

// Throws std::runtime_error.
std::vector<std::string> cells_of(std::string_view row) {
  std::vector<CsvCell> cells;
  std::string_view end;
  CsvReader(row, {}).read(cells, end);
  std::vector<std::string> texts;
  texts.reserve(cells.size());
  for (const auto& cell : cells) texts.push_back(cell.text());
  return texts;
}

// A text as it is, anything else as JSON has it; null is empty.
std::string text_of(const json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
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

}  // namespace

ReadLine values_as_lines() {
  return [](const std::string& line) {
    if (line.find('\0') != line.npos) {
      throw usage_error(
          "a NUL byte, which no argument can have: give --null if it separates the items");
    }
    return ExecItem{0, {}, {line}};
  };
}

ReadLine rows_of_csv(std::size_t cell_count) {
  return [cell_count](const std::string& row) {
    ExecItem item{0, row, cells_of(row)};
    if (item.values.size() != cell_count) {
      throw usage_error(std::to_string(item.values.size()) + " cells, and the header has " +
                        std::to_string(cell_count));
    }
    require_no_nul(item);
    return item;
  };
}

ReadLine objects_of_json(std::vector<std::string> fields) {
  return [fields = std::move(fields)](const std::string& line) {
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object()) throw usage_error("no JSON object, such as {\"name\": \"value\"}");
    ExecItem item{0, line, {}};
    for (const auto& field : fields) {
      const auto found = object.find(field);
      if (found == object.end()) throw usage_error("there is no field \"" + field + "\"");
      item.values.push_back(text_of(*found));
    }
    require_no_nul(item);
    return item;
  };
}

LineRules csv_rules() {
  LineRules rules;
  rules.quotes = LineRules::Quotes::enclose;
  return rules;
}

ExecNames take_csv_headers(const std::vector<Lines>& lists) {
  ExecNames names{ExecNames::Kind::columns, 0};
  for (const Lines& list : lists) {
    const auto header = list.take_header();
    if (!header) continue;
    require_csv(header->text, {}, list.name() + ":" + std::to_string(header->number));
    try {
      auto cells = cells_of(header->text);
      if (names.columns.empty()) {
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

ExecItem ExecLists::item(std::uint64_t index) const {
  std::uint64_t begin = 0;
  auto list = lists_.begin();
  while (index - begin >= list->size()) begin += (list++)->size();
  const auto lines = list->slice({index - begin, index - begin + 1});
  try {
    ExecItem item = read_(lines.front().text);
    item.number = index + 1;
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
