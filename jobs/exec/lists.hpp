// SPDX-License-Identifier: MIT
// Lists whose lines are the items of exec: values, rows of CSV, JSON objects.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "exec/template.hpp"
#include "taskrun/core/input_file.hpp"
#include "taskrun/data/lines.hpp"

namespace taskrun {

/// Makes an item of a line, but for its number. Throws Error (usage) that says what is wrong.
using ReadLine = std::function<ExecItem(const std::string& line)>;

/// The line is the value.
ReadLine values_as_lines();
/// Rows of CSV with so many cells.
ReadLine rows_of_csv(std::size_t cell_count, char separator);
/// JSON objects; the values are those of the fields.
ReadLine objects_of_json(std::vector<std::string> fields);

/// How the lines of CSV are cut.
LineRules csv_rules(char separator);
/// Takes the first row of each list: the names of the cells. Throws Error (usage) where lists have
/// different ones.
ExecNames take_csv_headers(const std::vector<Lines>& lists, char separator);
/// The fields of what comes first of each list: waits for that, and leaves it there.
ExecNames look_for_fields(const std::vector<Lines>& lists);

/// The lines of all lists, one list after the other. One alone is read as its lines come, several
/// are read whole.
class ExecLists {
 public:
  ExecLists(std::vector<Lines> lists, ReadLine read);

  std::uint64_t size() const;
  /// Numbered from 1. Throws Error (usage) that names the list and the line.
  ExecItem item(std::uint64_t index) const;
  /// Of lists that are no files, and were read whole: all they held.
  std::vector<InputFile> streams() const;
  /// The only one, if it is read as it comes.
  const Lines* open_ended() const;

 private:
  std::vector<Lines> lists_;
  ReadLine read_;
};

}  // namespace taskrun
