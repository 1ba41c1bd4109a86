// SPDX-License-Identifier: MIT
// Where the items of exec come from: values on the command line (:::), lists (::::), standard
// input; and how sources are combined or linked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/core/input_file.hpp"
#include "taskrun/data/line_splitter.hpp"
#include "taskrun/data/lines.hpp"

namespace taskrun {

/// One ::: or :::: with what follows it.
struct ExecSource {
  enum class From { values, lists };
  enum class Joined { combined, linked };  ///< with the sources before it
  From from = From::values;
  Joined joined = Joined::combined;
  std::vector<std::string> words;
};

/// The words behind exec's options.
struct ExecWords {
  std::vector<std::string> command;
  std::vector<ExecSource> sources;  ///< none: standard input
};
/// Throws Error (usage).
ExecWords read_exec_words(const std::vector<std::string>& words);

/// The file that is the only source and is read as it comes, "-" for standard input; none where
/// there are others.
std::optional<std::string> only_list_of(const std::vector<ExecSource>& sources);

/// For blocks: what is read as it comes, where that is the only list. Standard input is it also
/// where it is a file: a launcher makes a pipe of it, and blocks are the same then.
std::optional<std::string> stream_of(const ExecWords& words);

/// The lists that are files.
std::vector<std::filesystem::path> files_of(const std::vector<ExecSource>& sources);

/// What was read of a list that is no file, by its place among the lists: a pipe may have another
/// name next time. Nothing of a file.
std::vector<InputFile> streams_of(const std::string& path, const Lines& list, std::size_t number);

/// Whether values may come from there: not from /dev/null, nor where nothing is open.
bool may_give_input(int fd);

/// Values to be combined: columns that are linked go through their values together.
class ExecCombinations {
 public:
  enum class Linked { equally_long, to_the_shortest };
  /// Throws Error (usage) for more items than can be counted, and for linked columns of different
  /// lengths that must be equal.
  ExecCombinations(const std::vector<ExecSource>& sources, const LineRules& rules, Linked linked);

  std::uint64_t size() const { return size_; }
  std::size_t column_count() const { return column_count_; }
  /// Of lists that are no files: all they held.
  const std::vector<InputFile>& streams() const { return streams_; }
  /// The values of an item, one for each column; those of the last group vary fastest.
  std::vector<std::string> values(std::uint64_t index) const;

 private:
  struct Column {
    std::string name;  ///< for messages
    std::vector<std::string> values;
  };
  struct Group {
    std::vector<Column> columns;
    std::uint64_t length() const;  ///< of the shortest
    void require_equal_lengths() const;
  };
  void add(ExecSource::Joined joined, Column column);

  std::vector<Group> groups_;
  std::vector<InputFile> streams_;
  std::uint64_t size_ = 0;
  std::size_t column_count_ = 0;
};

/// The lists among sources, for formats that know no others. Throws Error (usage).
std::vector<std::string> lists_of(const std::vector<ExecSource>& sources, const std::string& what);

}  // namespace taskrun
