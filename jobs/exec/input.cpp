// SPDX-License-Identifier: MIT
#include "exec/input.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "taskrun/data/payload.hpp"

namespace taskrun {
namespace {

// In one line.
std::string tag_of(const ExecItem& item) {
  std::string tag = item.row;
  for (std::size_t i = 0; item.row.empty() && i < item.values.size(); ++i) {
    tag += (i > 0 ? " " : "") + item.values[i];
  }
  std::replace_if(
      tag.begin(), tag.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return tag;
}

// A block that was read already.
TextPiece piece_of(const Lines& blocks, Line block) {
  TextPiece piece;
  piece.name = blocks.name();
  piece.is_file = false;
  piece.end = block.text.size();
  piece.source_bytes = piece.end;
  piece.text = std::move(block.text);
  return piece;
}

}  // namespace

std::uint64_t ExecInput::size() const {
  return std::visit([](const auto& source) { return source.size(); }, source_);
}

const Lines* ExecInput::open_lines() const {
  if (const auto* lists = std::get_if<ExecLists>(&source_)) return lists->open_ended();
  const auto* blocks = std::get_if<Lines>(&source_);
  return blocks != nullptr && blocks->is_open_ended() ? blocks : nullptr;
}

std::vector<InputFile> ExecInput::inputs() const {
  // What is read as it comes is known by what was read of it.
  if (is_open_ended()) return {};
  if (const auto* files = std::get_if<Texts>(&source_)) return files->inputs();
  std::vector<InputFile> all(files_.begin(), files_.end());
  const auto add = [&](const std::vector<InputFile>& streams) {
    all.insert(all.end(), streams.begin(), streams.end());
  };
  if (const auto* lists = std::get_if<ExecLists>(&source_)) add(lists->streams());
  if (const auto* combinations = std::get_if<ExecCombinations>(&source_)) {
    add(combinations->streams());
  }
  return all;
}

ExecItem ExecInput::item(std::uint64_t index) const {
  if (const auto* lists = std::get_if<ExecLists>(&source_)) return lists->item(index);
  return {index + 1, {}, std::get<ExecCombinations>(source_).values(index)};
}

// A line that makes no command is one that fails, for the others may have run already.
ExecCommand ExecInput::command(std::uint64_t index) const {
  try {
    const ExecItem one = item(index);
    return {one.number, make_words_(one), tag_of(one), {}, one.place};
  } catch (const std::runtime_error& error) {
    if (!std::holds_alternative<ExecLists>(source_)) throw;
    return {index + 1, {}, {}, error.what(), {}};
  }
}

ExecPart ExecInput::slice(ItemRange items) const {
  ExecPart part;
  if (const auto* files = std::get_if<Texts>(&source_)) {
    part.block = files->slice(items);
  } else if (const auto* blocks = std::get_if<Lines>(&source_)) {
    try {
      for (auto& block : blocks->slice(items)) {
        part.block.push_back(piece_of(*blocks, std::move(block)));
      }
    } catch (const std::runtime_error& error) {
      part.trouble = error.what();
    }
  } else {
    for (std::uint64_t i = items.begin; i < items.end; ++i) part.commands.push_back(command(i));
  }
  return part;
}

void ExecInput::ship(ItemRange items, Bytes& out) const {
  ExecPart part = slice(items);
  if (const auto* files = std::get_if<Texts>(&source_)) {
    // Text of standard input comes along.
    Bytes pieces;
    files->ship(items, pieces);
    part.block = Texts::receive(pieces);
  }
  encode(part, out);
}

ExecPart ExecInput::receive(ByteView bytes) { return decode<ExecPart>(bytes); }

}  // namespace taskrun
