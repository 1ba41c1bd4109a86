// SPDX-License-Identifier: MIT
// Adds columns to a CSV file that are computed from others: row after row, in the order of the
// file, whatever its size. What is not computed is copied as it stands.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "shared/expression.hpp"
#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/printable.hpp"
#include "taskrun/data/csv.hpp"
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

  bool computes(std::size_t column) const {
    return std::any_of(rules.begin(), rules.end(),
                       [&](const Rule& rule) { return rule.column == column; });
  }
};

// Rows of a chunk that cannot be computed; the first ones are named, each with its line.
class BadRows {
 public:
  /// `all_in` is the file that has all of them; empty: there is none.
  BadRows(std::string file, std::string all_in)
      : file_(std::move(file)), all_in_(std::move(all_in)) {}

  bool empty() const { return count_ == 0; }
  void add(std::uint64_t line, const std::string& why) {
    const std::string place = std::to_string(line) + ": " + why;
    if (!all_in_.empty()) details_ += taskrun::printable(file_ + ":" + place) + '\n';
    if (++count_ > most_named) return;
    text_ += (count_ == 1 ? file_ + ":" : "; line ") + place;
  }
  taskrun::ChunkFailed failure() const {
    std::string text = text_;
    if (count_ > most_named) {
      text += "; and " + std::to_string(count_ - most_named) + " more rows near them, which " +
              (all_in_.empty() ? "--bad-rows-to FILE names" : "are in " + all_in_);
    }
    taskrun::ChunkFailed failed(text, true);
    failed.details = details_;
    return failed;
  }

 private:
  static constexpr std::uint64_t most_named = 20;

  const std::string file_;
  const std::string all_in_;
  std::uint64_t count_ = 0;
  std::string text_;
  std::string details_;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
  while (!text.empty() && blank.find(text.back()) != blank.npos) text.remove_suffix(1);
  return text;
}

// 3,14 and the like.
bool has_decimal_comma(std::string_view text) {
  const auto comma = text.find(',');
  if (comma == text.npos) return false;
  std::string with_point(text);
  with_point[comma] = '.';
  try {
    taskrun::number_from(with_point);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
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
                  "exit code 3), leave their new cells empty (rows with too many cells are left "
                  "out and named), or leave them out silently",
                  {"fail", "empty", "skip"});
    params.path("bad-rows-to", bad_rows_path_,
                "a file for all rows that are named, one a line: FILE:LINE: why");
    params.text("comment", comment_,
                "a character; lines that begin with it are no rows, and stay as they are");
    params.choice("decimal", decimal_, "what stands before a fraction, in cells: 3.14 or 3,14",
                  {"point", "comma"});
    params.example("--set 'total=price*count' sales.csv", "a column more, on standard output");
    params.example("--set 'ratio=a/`column b`' --set 'big=ratio>1' data.csv",
                   "columns that build on each other");
  }

  void check() const {
    if (paths_.size() > 1) throw taskrun::usage_error("several files are given: give one");
    if (bad_rows_ == "skip" && !bad_rows_path_.empty()) {
      throw taskrun::usage_error("--bad-rows skip names no rows: leave it out, or --bad-rows-to");
    }
    std::error_code ignored;
    if (!paths_.empty() && !bad_rows_path_.empty() &&
        std::filesystem::equivalent(paths_.front(), bad_rows_path_, ignored)) {
      throw taskrun::usage_error("--bad-rows-to " + bad_rows_path_ +
                                 " is the input itself: name another file");
    }
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
    static_cast<void>(csv_rules());
  }

  std::string details_path() const { return bad_rows_path_; }

  taskrun::CsvRows dataset() const {
    auto sources =
        taskrun::text_sources({paths_.empty() ? "-" : paths_.front()}, taskrun::Folders::refuse);
    if (sources.size() != 1)
      throw taskrun::usage_error(paths_.front() + " stands for several files: give one");
    taskrun::CsvRows rows(sources.front(), csv_rules());
    // Wrong columns are seen now, not in each chunk.
    static_cast<void>(plan(rows.slice({0, 1})));
    return rows;
  }

  void emit(const taskrun::CsvPart& part, taskrun::Output& out) const {
    const Plan plan = this->plan(part);
    if (part.has_header) {
      out << part.preamble;
      write_header(plan, part.header, out);
    }
    taskrun::TextReader text(part.rows);
    taskrun::CsvReader rows(text.read(part.rows.begin, part.rows.end), csv_rules());
    std::vector<CsvCell> cells;
    std::string_view end;
    BadRows bad(part.rows.name, bad_rows_path_);
    for (std::uint64_t line = part.first_line; !rows.at_end(); line += rows.line_count()) {
      try {
        rows.read(cells, end);
        if (rows.is_comment()) {
          out << rows.row() << (end.empty() ? std::string_view("\n") : end);
          continue;
        }
        if (rows.row().empty() && plan.old_count > 1) continue;  // a blank line is no row
        write_row(plan, cells, end, out);
      } catch (const std::runtime_error& failure) {
        const bool fits = cells.size() <= plan.old_count;
        if (bad_rows_ == "fail" || (bad_rows_ == "empty" && !fits)) {
          bad.add(line, failure.what());
        } else if (bad_rows_ == "empty") {
          write_cells(plan, cells, std::vector<std::string>(plan.columns.size()), end, out);
        }
      }
    }
    if (!bad.empty()) throw bad.failure();
  }

 private:
  std::vector<std::string> rules() const {
    if (!rules_.empty()) return rules_;
    return {"feature3=feature1^5", "feature4=feature2*100"};
  }
  char separator() const { return separator_ == "tab" ? '\t' : separator_.front(); }

  taskrun::CsvRules csv_rules() const {
    return {separator(), taskrun::comment_mark(comment_, separator())};
  }

  Plan plan(const taskrun::CsvPart& part) const {
    Plan plan;
    std::vector<CsvCell> cells;
    std::string_view end;
    try {
      taskrun::CsvReader(part.header, csv_rules()).read(cells, end);
    } catch (const std::runtime_error& failure) {
      throw taskrun::usage_error(part.rows.name + ":" + std::to_string(part.header_line) + ": " +
                                 failure.what());
    }
    for (const auto& cell : cells) plan.columns.emplace_back(trimmed(cell.text()));
    plan.old_count = plan.columns.size();
    try {
      for (const auto& rule : rules()) add_rule(rule, plan);
    } catch (const taskrun::Error& error) {
      throw taskrun::Error(error.code(), error.what() + separator_hint(plan));
    }
    return plan;
  }

  // Where the whole header is one name that has other separators in it.
  std::string separator_hint(const Plan& plan) const {
    const auto found = plan.columns.front().find_first_of(",;|\t");
    if (plan.old_count > 1 || found == std::string::npos) return "";
    const char other = plan.columns.front()[found];
    return std::string("; is it one column? --separator ") +
           (other == '\t' ? "tab" : std::string("'") + other + "'") + " makes several of it";
  }

  static void add_rule(const std::string& rule, Plan& plan) {
    const auto equals = rule.find('=');
    const std::string name(trimmed(std::string_view(rule).substr(0, equals)));
    taskrun::Expression expression(trimmed(std::string_view(rule).substr(equals + 1)),
                                   plan.columns);
    for (const auto column : expression.used()) {
      const auto end = plan.numbers.end();
      const bool is_read = std::find(plan.numbers.begin(), end, column) != end;
      if (!is_read && !plan.computes(column)) plan.numbers.push_back(column);
    }
    const auto known = std::find(plan.columns.begin(), plan.columns.end(), name);
    if (std::count(known, plan.columns.end(), name) > 1) {
      throw taskrun::usage_error("--set " + rule + ": several columns are named '" + name +
                                 "'; give all but one another name");
    }
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
      computed[rule.column] = cell_of(values[rule.column]);
    }
    write_cells(plan, cells, computed, end, out);
  }

  // Of columns that are computed, the new values; of others, what was there, which may be nothing.
  void write_cells(const Plan& plan, const std::vector<CsvCell>& cells,
                   const std::vector<std::string>& computed, std::string_view end,
                   taskrun::Output& out) const {
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      if (i > 0) out << separator();
      if (plan.computes(i)) {
        out << computed[i];
      } else if (i < cells.size()) {
        out << cells[i].raw;
      }
    }
    out << (end.empty() ? std::string_view("\n") : end);
  }

  std::string cell_of(const Number& number) const {
    std::string text = taskrun::text_of(number);
    if (decimal_ == "comma") std::replace(text.begin(), text.end(), '.', ',');
    return taskrun::csv_cell(text, separator());
  }

  Number number_in(const Plan& plan, const std::vector<CsvCell>& cells, std::size_t column) const {
    std::string text = cells[column].text();
    text = trimmed(text);
    try {
      if (decimal_ == "point") return taskrun::number_from(text);
      // 1.234,5 is none.
      std::string with_point = text;
      for (char& c : with_point) c = c == ',' ? '.' : c == '.' ? ',' : c;
      return taskrun::number_from(with_point);
    } catch (const std::invalid_argument& failure) {
      const bool is_comma = decimal_ == "point" && has_decimal_comma(text);
      throw std::runtime_error(plan.columns[column] + " is " + taskrun::shown(text) +
                               ", which is " + failure.what() +
                               (is_comma ? "; --decimal comma reads decimal commas" : ""));
    }
  }

  std::vector<std::string> paths_;
  std::vector<std::string> rules_;
  std::string separator_ = ",";
  std::string bad_rows_ = "fail";
  std::string bad_rows_path_;
  std::string comment_;
  std::string decimal_ = "point";
};

}  // namespace

TASKRUN_JOB(features, "add computed columns to a CSV file", Features)
