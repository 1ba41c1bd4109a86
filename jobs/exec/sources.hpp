// SPDX-License-Identifier: MIT
// Where the items of exec come from: values on the command line (:::), lists (::::), standard
// input, rows of CSV or JSONL; how sources are combined or linked; and the dataset made of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "exec/template.hpp"
#include "taskrun/core/bytes.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/job/lines.hpp"
#include "taskrun/job/texts.hpp"

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

/// Values to be combined: columns that are linked go through their values together.
class ExecCombinations {
 public:
  /// Throws Error (usage) for more items than can be counted.
  ExecCombinations(const std::vector<ExecSource>& sources, const LineRules& rules);

  std::uint64_t size() const { return size_; }
  std::size_t column_count() const { return column_count_; }
  /// The values of an item, one for each column; those of the last group vary fastest.
  std::vector<std::string> values(std::uint64_t index) const;

 private:
  struct Group {
    std::vector<std::vector<std::string>> columns;
    std::uint64_t length() const;  ///< of the shortest
  };
  void add(ExecSource::Joined joined, std::vector<std::string> values);

  std::vector<Group> groups_;
  std::uint64_t size_ = 0;
  std::size_t column_count_ = 0;
};

/// Rows of a table, and the names of their columns.
struct ExecTable {
  std::vector<ExecItem> rows;
  ExecNames names;
};
/// From CSV whose first row names the columns. Throws Error (usage) that names file and line.
ExecTable read_csv_table(const std::vector<std::string>& lists);
/// From JSONL; the values of each row are those of the fields. Likewise.
ExecTable read_jsonl_table(const std::vector<std::string>& lists,
                           const std::vector<std::string>& fields);
/// The lists among sources, for formats that know no others. Throws Error (usage).
std::vector<std::string> lists_of(const std::vector<ExecSource>& sources, const std::string& what);

/// A command as a worker gets it.
struct ExecCommand {
  std::uint64_t number = 0;  ///< of its item, from 1
  std::vector<std::string> words;
  std::string tag;      ///< its values, for people
  std::string trouble;  ///< why there is none; the others go on

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& number& words& tag& trouble;
  }
};

/// What a chunk of exec is: commands, or a block of text for one.
struct ExecPart {
  std::vector<ExecCommand> commands;
  std::vector<TextPiece> block;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& commands& block;
  }
};

/// What makes the words of an item's command; throws Error (usage) where it cannot be one.
using MakeWords = std::function<std::vector<std::string>(const ExecItem&)>;

/// The dataset: items of one of three kinds, or text. Lines may have no end.
class ExecInput {
 public:
  ExecInput(Lines lines, MakeWords make_words)
      : lines_(std::move(lines)), make_words_(std::move(make_words)) {}
  ExecInput(ExecCombinations combinations, MakeWords make_words)
      : combinations_(std::move(combinations)), make_words_(std::move(make_words)) {}
  ExecInput(std::vector<ExecItem> rows, MakeWords make_words)
      : rows_(std::move(rows)), make_words_(std::move(make_words)) {}
  explicit ExecInput(Texts blocks) : blocks_(std::move(blocks)) {}

  std::uint64_t size() const;
  ExecPart slice(ItemRange items) const;
  void ship(ItemRange items, Bytes& out) const;
  static ExecPart receive(ByteView bytes);
  std::vector<std::filesystem::path> inputs() const { return inputs_; }

  bool is_open_ended() const { return lines_ && lines_->is_open_ended(); }
  std::unique_ptr<InputReading> read(Wakeup& wakeup, const InputState& seen) const {
    return lines_->read(wakeup, seen);
  }
  void read_whole() const { lines_->read_whole(); }
  void release(ItemRange items) const { lines_->release(items); }

  void set_inputs(std::vector<std::filesystem::path> inputs) { inputs_ = std::move(inputs); }

 private:
  ExecItem item(std::uint64_t index) const;
  ExecCommand command(std::uint64_t index) const;

  std::optional<ExecCombinations> combinations_;
  std::optional<Lines> lines_;
  std::vector<ExecItem> rows_;
  MakeWords make_words_;
  std::optional<Texts> blocks_;
  std::vector<std::filesystem::path> inputs_;
};

}  // namespace taskrun
