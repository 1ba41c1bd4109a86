// SPDX-License-Identifier: MIT
// Adds columns to a CSV file that are computed from others: row after row, in the order of the
// file, whatever its size. What is not computed is copied as it stands.
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "shared/expression.hpp"
#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/csv.hpp"
#include "taskrun/job/registry.hpp"

namespace {

using taskrun::CsvCell;
using taskrun::Number;

// A new column, or one that takes the place of another.
struct Rule {
  std::size_t column;
  taskrun::Expression expression;
};

// What the header and the options make of a row.
struct Plan {
  std::vector<std::string> columns;  // the new ones last
  std::size_t old_count = 0;
  std::vector<Rule> rules;
  std::vector<std::size_t> numbers;  // the columns of the file that must be numbers, each once
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

class Features {
 public:
  void params(taskrun::Params& params) {
    params.arguments("FILE", paths_, "the CSV file; - or nothing is standard input");
    params.texts("set", rules_,
                 "a column and its expression, 'name=a*b'; several may be given, in "
                 "order (without any: feature3=feature1^5, feature4=feature2*100)");
    params.text("separator", separator_, "what stands between cells: , ; | : a space or tab");
    params.choice("bad-rows", bad_rows_,
                  "rows that cannot be computed: leave them out and name them (the run ends with "
                  "exit code 3), leave their new cells empty, or leave them out silently",
                  {"fail", "empty", "skip"});
    params.example("--set 'total=price*count' sales.csv", "a column more, on standard output");
    params.example("--set 'ratio=a/`column b`' --set 'big=ratio>1' data.csv",
                   "columns that build on each other");
  }

  void check() const {
    if (paths_.size() > 1) throw taskrun::usage_error("several files are given: give one");
    for (const auto& rule : rules()) {
      if (rule.find('=') == rule.npos || rule.starts_with('=')) {
        throw taskrun::usage_error("--set " + rule + ": expected a name, = and an expression");
      }
    }
    const bool one = separator_.size() == 1;
    if (separator_ != "tab" &&
        (!one || std::string_view(",;|:\t ").find(separator_) == std::string_view::npos)) {
      throw taskrun::usage_error("--separator " + separator_ +
                                 ": expected one of , ; | : a space or tab");
    }
  }

  taskrun::CsvRows dataset() const {
    auto sources =
        taskrun::text_sources({paths_.empty() ? "-" : paths_.front()}, taskrun::Folders::refuse);
    if (sources.size() != 1)
      throw taskrun::usage_error(paths_.front() + " stands for several files: give one");
    taskrun::CsvRows rows(sources.front());
    // Wrong columns are seen now, not in each chunk.
    plan(rows.slice({0, 1}).header, sources.front().name);
    return rows;
  }

  std::uint64_t chunk_size() const { return 1; }

  void emit(const taskrun::CsvPart& part, taskrun::Output& out) const {
    const Plan plan = this->plan(part.header, part.rows.name);
    if (part.has_header) write_header(plan, part.header, out);
    taskrun::TextReader text(part.rows);
    taskrun::CsvReader rows(text.read(part.rows.begin, part.rows.end), separator());
    std::vector<CsvCell> cells;
    std::string_view end;
    std::string first_failure;
    std::uint64_t failure_count = 0;
    for (std::uint64_t line = part.first_line; !rows.at_end(); line += rows.line_count()) {
      try {
        rows.read(cells, end);
        if (rows.row().empty() && plan.old_count > 1) continue;  // a blank line is no row
        write_row(plan, cells, end, out);
      } catch (const std::runtime_error& failure) {
        if (bad_rows_ == "empty") write_empty(plan, rows.row(), cells.size(), end, out);
        if (++failure_count > 1) continue;
        first_failure = part.rows.name + ":" + std::to_string(line) + ": " + failure.what();
      }
    }
    if (failure_count == 0 || bad_rows_ != "fail") return;
    const std::string more =
        failure_count == 1 ? ""
                           : " (and " + std::to_string(failure_count - 1) + " more rows near it)";
    throw taskrun::ChunkFailed(first_failure + more, true);
  }

 private:
  std::vector<std::string> rules() const {
    if (!rules_.empty()) return rules_;
    return {"feature3=feature1^5", "feature4=feature2*100"};
  }
  char separator() const { return separator_ == "tab" ? '\t' : separator_.front(); }

  Plan plan(std::string_view header, const std::string& file) const {
    Plan plan;
    if (header.starts_with("\xef\xbb\xbf"))
      header.remove_prefix(3);  // a mark that some programs write
    std::vector<CsvCell> cells;
    std::string_view end;
    try {
      taskrun::CsvReader(header, separator()).read(cells, end);
    } catch (const std::runtime_error& failure) {
      throw taskrun::usage_error(file + ":1: " + failure.what());
    }
    for (const auto& cell : cells) plan.columns.emplace_back(trimmed(cell.text()));
    plan.old_count = plan.columns.size();
    for (const auto& rule : rules()) add_rule(rule, plan);
    return plan;
  }

  static void add_rule(const std::string& rule, Plan& plan) {
    const auto equals = rule.find('=');
    const std::string name(trimmed(std::string_view(rule).substr(0, equals)));
    taskrun::Expression expression(trimmed(std::string_view(rule).substr(equals + 1)),
                                   plan.columns);
    const auto computed = [&](std::size_t column) {
      return std::any_of(plan.rules.begin(), plan.rules.end(),
                         [&](const Rule& r) { return r.column == column; });
    };
    for (const auto column : expression.used()) {
      const auto end = plan.numbers.end();
      const bool is_read = std::find(plan.numbers.begin(), end, column) != end;
      if (!is_read && !computed(column)) plan.numbers.push_back(column);
    }
    const auto known = std::find(plan.columns.begin(), plan.columns.end(), name);
    const auto column = static_cast<std::size_t>(known - plan.columns.begin());
    if (known == plan.columns.end()) plan.columns.push_back(name);
    plan.rules.push_back({column, std::move(expression)});
  }

  void write_header(const Plan& plan, std::string_view header, taskrun::Output& out) const {
    const bool returns = header.ends_with("\r\n");
    if (header.ends_with('\n')) header.remove_suffix(returns ? 2 : 1);
    out << header;
    for (std::size_t i = plan.old_count; i < plan.columns.size(); ++i) {
      out << separator() << taskrun::csv_cell(plan.columns[i], separator());
    }
    out << (returns ? "\r\n" : "\n");
  }

  void write_row(const Plan& plan, const std::vector<CsvCell>& cells, std::string_view end,
                 taskrun::Output& out) const {
    if (cells.size() != plan.old_count) {
      throw std::runtime_error("the row has " + std::to_string(cells.size()) +
                               " cells, the header " + std::to_string(plan.old_count));
    }
    std::vector<Number> values(plan.columns.size());
    for (const auto column : plan.numbers) values[column] = number_in(plan, cells, column);
    std::vector<std::string> computed(plan.columns.size());
    for (const auto& rule : plan.rules) {
      values[rule.column] = rule.expression(values);
      computed[rule.column] = taskrun::text_of(values[rule.column]);
    }
    write_cells(plan, cells, computed, end, out);
  }

  // Of columns that are computed, the new values; of others, what was there.
  void write_cells(const Plan& plan, const std::vector<CsvCell>& cells,
                   const std::vector<std::string>& computed, std::string_view end,
                   taskrun::Output& out) const {
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      if (i > 0) out << separator();
      if (i < cells.size() && computed[i].empty()) {
        out << cells[i].raw;
      } else {
        out << computed[i];
      }
    }
    out << (end.empty() ? std::string_view("\n") : end);
  }

  // The row as it is, and nothing in the cells that it lacks.
  void write_empty(const Plan& plan, std::string_view row, std::size_t cell_count,
                   std::string_view end, taskrun::Output& out) const {
    out << row;
    if (cell_count == 0) cell_count = plan.old_count;  // nobody can tell
    for (; cell_count < plan.columns.size(); ++cell_count) out << separator();
    out << (end.empty() ? std::string_view("\n") : end);
  }

  static Number number_in(const Plan& plan, const std::vector<CsvCell>& cells, std::size_t column) {
    const CsvCell& cell = cells[column];
    const std::string unquoted = cell.quoted ? cell.text() : std::string();
    const std::string_view text = trimmed(cell.quoted ? std::string_view(unquoted) : cell.raw);
    try {
      return taskrun::number_from(text);
    } catch (const std::invalid_argument&) {
      throw std::runtime_error(plan.columns[column] + " is " + taskrun::shown(text) +
                               ", which is no number");
    }
  }

  std::vector<std::string> paths_;
  std::vector<std::string> rules_;
  std::string separator_ = ",";
  std::string bad_rows_ = "fail";
};

}  // namespace

TASKRUN_JOB(features, "add computed columns to a CSV file", Features)
