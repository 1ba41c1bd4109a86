// SPDX-License-Identifier: MIT
// The dataset of exec: commands made of items, or blocks of text for one command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "exec/lists.hpp"
#include "exec/sources.hpp"
#include "exec/template.hpp"
#include "taskrun/core/bytes.hpp"
#include "taskrun/core/input_file.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/data/lines.hpp"
#include "taskrun/data/texts.hpp"

namespace taskrun {

/// A command as a worker gets it.
struct ExecCommand {
  std::uint64_t number = 0;        ///< of its item, from 1
  std::vector<std::string> words;  ///< none: there is nothing to be run
  std::string tag;                 ///< its values, for people
  std::string trouble;             ///< why there is none; the others go on
  std::string place{};             ///< where its item is from, likewise

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& number& words& tag& trouble& place;
  }
};

/// What a chunk of exec is: commands, or a block of text for one.
struct ExecPart {
  std::vector<ExecCommand> commands;
  std::vector<TextPiece> block;
  std::string trouble;  ///< why there is no block

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& commands& block& trouble;
  }
};

/// What makes the words of an item's command; throws Error (usage) where it cannot be one.
using MakeWords = std::function<std::vector<std::string>(const ExecItem&)>;

/// Lists, and blocks of standard input, may have no end.
class ExecInput {
 public:
  ExecInput(ExecLists lists, MakeWords make_words)
      : source_(std::move(lists)), make_words_(std::move(make_words)) {}
  ExecInput(ExecCombinations combinations, MakeWords make_words)
      : source_(std::move(combinations)), make_words_(std::move(make_words)) {}
  /// Blocks of files, which the workers read by themselves.
  explicit ExecInput(Texts files) : source_(std::move(files)) {}
  /// Blocks as they come.
  explicit ExecInput(Lines blocks) : source_(std::move(blocks)) {}

  std::uint64_t size() const;
  ExecPart slice(ItemRange items) const;
  void ship(ItemRange items, Bytes& out) const;
  static ExecPart receive(ByteView bytes);
  /// The files, and the content of other lists that were read whole.
  std::vector<InputFile> inputs() const;

  bool is_open_ended() const { return open_lines() != nullptr; }
  std::unique_ptr<InputReading> read(Wakeup& wakeup, const InputState& seen) const {
    return open_lines()->read(wakeup, seen);
  }
  void read_whole() const { open_lines()->read_whole(); }
  void release(ItemRange items) const { open_lines()->release(items); }

  void set_files(std::vector<std::filesystem::path> files) { files_ = std::move(files); }

 private:
  const Lines* open_lines() const;
  ExecItem item(std::uint64_t index) const;
  ExecCommand command(std::uint64_t index) const;

  std::variant<ExecLists, ExecCombinations, Texts, Lines> source_;
  MakeWords make_words_;
  std::vector<std::filesystem::path> files_;
};

}  // namespace taskrun
