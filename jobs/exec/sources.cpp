// SPDX-License-Identifier: MIT
#include "exec/sources.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "taskrun/core/error.hpp"
#include "taskrun/job/payload.hpp"

namespace taskrun {
namespace {

struct Separator {
  std::string_view word;
  ExecSource::From from;
  ExecSource::Joined joined;
};
constexpr std::array<Separator, 4> separators{
    {{":::", ExecSource::From::values, ExecSource::Joined::combined},
     {"::::", ExecSource::From::lists, ExecSource::Joined::combined},
     {":::+", ExecSource::From::values, ExecSource::Joined::linked},
     {"::::+", ExecSource::From::lists, ExecSource::Joined::linked}}};

const Separator* separator_named(std::string_view word) {
  for (const auto& separator : separators) {
    if (separator.word == word) return &separator;
  }
  return nullptr;
}

constexpr const char* nul_byte =
    "a NUL byte, which no argument can have: give --null if it separates the items";

std::vector<std::string> values_of(const std::string& path, const LineRules& rules) {
  const Lines lines(path, rules);
  lines.read_whole();
  std::vector<std::string> values;
  values.reserve(lines.size());
  for (std::uint64_t i = 0; i < lines.size(); ++i) {
    const auto found = lines.slice({i, i + 1});
    if (found.front().text.find('\0') != std::string::npos) {
      throw usage_error(input_name(path) + ":" + std::to_string(found.front().number) + ": " +
                        nul_byte);
    }
    values.push_back(found.front().text);
  }
  return values;
}

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

}  // namespace

ExecWords read_exec_words(const std::vector<std::string>& words) {
  ExecWords read;
  for (const auto& word : words) {
    if (const Separator* separator = separator_named(word)) {
      if (separator->joined == ExecSource::Joined::linked && read.sources.empty()) {
        throw usage_error(word + " links to the source before it, and there is none: begin with " +
                          word.substr(0, word.size() - 1));
      }
      read.sources.push_back({separator->from, separator->joined, {}});
    } else if (read.sources.empty()) {
      read.command.push_back(word);
    } else {
      read.sources.back().words.push_back(word);
    }
  }
  for (const auto& source : read.sources) {
    if (source.from == ExecSource::From::lists && source.words.empty()) {
      throw usage_error(":::: needs the name of a file, or - for stdin");
    }
  }
  return read;
}

// --- combinations

std::optional<std::string> only_list_of(const std::vector<ExecSource>& sources) {
  if (sources.empty()) return "-";
  const bool only = sources.size() == 1 && sources.front().from == ExecSource::From::lists &&
                    sources.front().words.size() == 1;
  return only ? std::optional(sources.front().words.front()) : std::nullopt;
}

ExecCombinations::ExecCombinations(const std::vector<ExecSource>& sources, const LineRules& rules) {
  for (const auto& source : sources) {
    if (source.from == ExecSource::From::values) {
      add(source.joined, source.words);
    } else {
      for (const auto& path : source.words) add(source.joined, values_of(path, rules));
    }
  }
  size_ = 1;
  for (const Group& group : groups_) {
    if (__builtin_mul_overflow(size_, group.length(), &size_)) {
      throw usage_error("there are more than 2^64 combinations; link sources with :::+");
    }
  }
}

std::uint64_t ExecCombinations::Group::length() const {
  std::size_t length = columns.front().size();
  for (const auto& column : columns) length = std::min(length, column.size());
  return length;
}

void ExecCombinations::add(ExecSource::Joined joined, std::vector<std::string> values) {
  if (joined == ExecSource::Joined::combined) groups_.emplace_back();
  groups_.back().columns.push_back(std::move(values));
  ++column_count_;
}

std::vector<std::string> ExecCombinations::values(std::uint64_t index) const {
  std::vector<std::string> values(column_count_);
  std::size_t column = column_count_;
  for (auto group = groups_.rbegin(); group != groups_.rend(); ++group) {
    const std::uint64_t row = index % group->length();
    index /= group->length();
    column -= group->columns.size();
    for (std::size_t i = 0; i < group->columns.size(); ++i) {
      values[column + i] = group->columns[i][row];
    }
  }
  return values;
}

// --- lists

std::vector<std::string> lists_of(const std::vector<ExecSource>& sources, const std::string& what) {
  if (sources.empty()) return {"-"};
  std::vector<std::string> lists;
  for (const auto& source : sources) {
    if (source.from == ExecSource::From::values || source.joined == ExecSource::Joined::linked) {
      throw usage_error(what + " reads :::: FILE or stdin; leave the other sources out");
    }
    lists.insert(lists.end(), source.words.begin(), source.words.end());
  }
  return lists;
}

// --- the dataset

std::uint64_t ExecInput::size() const {
  if (combinations_) return combinations_->size();
  if (lines_) return lines_->size();
  return blocks_ ? blocks_->size() : rows_.size();
}

ExecItem ExecInput::item(std::uint64_t index) const {
  if (combinations_) return {index + 1, {}, combinations_->values(index)};
  if (!lines_) return rows_[index];
  const auto found = lines_->slice({index, index + 1});
  if (found.front().text.find('\0') != std::string::npos) {
    throw usage_error("line " + std::to_string(found.front().number) + ": " + nul_byte);
  }
  return {index + 1, {}, {found.front().text}};
}

// A line that makes no command is one that fails, for the others may have run already.
ExecCommand ExecInput::command(std::uint64_t index) const {
  try {
    const ExecItem one = item(index);
    return {one.number, make_words_(one), tag_of(one), {}};
  } catch (const std::runtime_error& error) {
    if (!lines_) throw;
    return {index + 1, {}, {}, error.what()};
  }
}

ExecPart ExecInput::slice(ItemRange items) const {
  ExecPart part;
  if (blocks_) {
    part.block = blocks_->slice(items);
    return part;
  }
  for (std::uint64_t i = items.begin; i < items.end; ++i) part.commands.push_back(command(i));
  return part;
}

void ExecInput::ship(ItemRange items, Bytes& out) const {
  ExecPart part = slice(items);
  if (blocks_) {
    // Text of standard input comes along.
    Bytes pieces;
    blocks_->ship(items, pieces);
    part.block = Texts::receive(pieces);
  }
  encode(part, out);
}

ExecPart ExecInput::receive(ByteView bytes) { return decode<ExecPart>(bytes); }

}  // namespace taskrun
