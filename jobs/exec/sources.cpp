// SPDX-License-Identifier: MIT
#include "exec/sources.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "exec/lists.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/data/lines.hpp"

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

std::vector<std::string> values_of(const Lines& lines) {
  lines.read_whole();
  const ExecLists list({lines}, values_as_lines());
  std::vector<std::string> values;
  values.reserve(list.size());
  for (std::uint64_t i = 0; i < list.size(); ++i) values.push_back(list.item(i).values.front());
  return values;
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
  std::ptrdiff_t stdin_count = 0;
  for (const auto& source : read.sources) {
    if (source.from != ExecSource::From::lists) continue;
    if (source.words.empty()) {
      throw usage_error(":::: needs the name of a file, or - for stdin");
    }
    stdin_count += std::count(source.words.begin(), source.words.end(), "-");
  }
  if (stdin_count > 1) {
    throw usage_error("stdin (-) is given as a list more than once, and can be read only once");
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

std::optional<std::string> stream_of(const ExecWords& words) {
  const auto list = only_list_of(words.sources);
  std::error_code ignored;
  return !list || std::filesystem::is_regular_file(*list, ignored) ||
                 std::filesystem::is_directory(*list, ignored)
             ? std::nullopt
             : list;
}

std::vector<std::filesystem::path> files_of(const std::vector<ExecSource>& sources) {
  std::vector<std::filesystem::path> files;
  for (const auto& source : sources) {
    if (source.from == ExecSource::From::values) continue;
    for (const auto& path : source.words) {
      if (std::filesystem::is_regular_file(path)) files.emplace_back(path);
    }
  }
  return files;
}

std::vector<InputFile> streams_of(const std::string& path, const Lines& list, std::size_t number) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) return {};
  std::vector<InputFile> streams;
  for (const InputFile& whole : list.inputs()) {
    if (whole.content) streams.emplace_back("list " + std::to_string(number), *whole.content);
  }
  return streams;
}

bool may_give_input(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return false;
  const bool is_null = S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
  return !is_null;
}

ExecCombinations::ExecCombinations(const std::vector<ExecSource>& sources, const LineRules& rules,
                                   Linked linked) {
  std::size_t number = 0;
  std::size_t list_number = 0;
  for (const auto& source : sources) {
    ++number;
    if (source.from == ExecSource::From::values) {
      add(source.joined, {"source " + std::to_string(number), source.words});
    } else {
      for (const auto& path : source.words) {
        const Lines lines(path, rules);
        add(source.joined, {input_name(path), values_of(lines)});
        const auto streams = streams_of(path, lines, ++list_number);
        streams_.insert(streams_.end(), streams.begin(), streams.end());
      }
    }
  }
  size_ = 1;
  for (const Group& group : groups_) {
    if (linked == Linked::equally_long) group.require_equal_lengths();
    if (__builtin_mul_overflow(size_, group.length(), &size_)) {
      throw usage_error("there are more than 2^64 combinations; link sources with :::+");
    }
  }
}

std::uint64_t ExecCombinations::Group::length() const {
  std::size_t length = columns.front().values.size();
  for (const auto& column : columns) length = std::min(length, column.values.size());
  return length;
}

void ExecCombinations::Group::require_equal_lengths() const {
  const Column& first = columns.front();
  for (const auto& column : columns) {
    if (column.values.size() == first.values.size()) continue;
    throw usage_error("linked sources must be equally long: " + first.name + " has " +
                      std::to_string(first.values.size()) + " values, " + column.name + " has " +
                      std::to_string(column.values.size()) +
                      " (a blank line is a value); --shortest leaves out what is left over");
  }
}

void ExecCombinations::add(ExecSource::Joined joined, Column column) {
  if (joined == ExecSource::Joined::combined) groups_.emplace_back();
  groups_.back().columns.push_back(std::move(column));
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
      values[column + i] = group->columns[i].values[row];
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

}  // namespace taskrun
