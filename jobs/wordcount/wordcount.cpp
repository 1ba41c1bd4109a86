// SPDX-License-Identifier: MIT
// Counts words, lines and bytes of files, of texts and of standard input, and finds the most
// frequent words. A word is what stands between whitespace, and belongs to the chunk that it starts
// in.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/data/texts.hpp"
#include "taskrun/job/registry.hpp"
#include "wordcount/piece_words.hpp"
#include "wordcount/word_counts.hpp"
#include "wordcount/word_kernel.hpp"
#include "wordcount/word_table.hpp"

namespace {

using taskrun::TextPiece;
using taskrun::TextReader;

// A file's name, which may have line ends and tabs in it, as wc and bash write it.
std::string in_one_line(const std::string& name) {
  const bool plain =
      std::none_of(name.begin(), name.end(), [](char c) { return '\0' <= c && c < ' '; });
  return plain ? name : taskrun::printable_shell_word(name);
}

struct Counts {
  std::uint64_t words = 0;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;

  Counts& operator+=(const Counts& other) {
    words += other.words;
    lines += other.lines;
    bytes += other.bytes;
    return *this;
  }
  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& words& lines& bytes;
  }
};

struct SourceCounts {
  std::uint64_t source = 0;
  std::string name;
  Counts counts;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& source& name& counts;
  }
};

constexpr std::size_t most_unread_told = 10;

// Word counts are joined when there are so many: few passes, and not all in memory at the end.
constexpr std::size_t most_lists = 16;

struct Found {
  Counts total;
  std::uint64_t source_count = 0;
  std::vector<SourceCounts> sources;             // where they are asked for, in their order
  std::vector<taskrun::WordCounts> frequencies;  // likewise; one or several
  std::uint64_t unread_count = 0;
  std::vector<std::string> unread;  // why, of the first ones

  void add_unread(const std::string& trouble) {
    ++unread_count;
    if (unread.size() < most_unread_told) unread.push_back(trouble);
  }

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& total& source_count& sources& frequencies& unread_count& unread;
  }
};

// Reading as much at a time keeps the text in the processor's own memory, between reading and
// counting.
constexpr std::uint64_t block_bytes = 128 << 10;

class WordCount {
 public:
  void params(taskrun::Params& params) {
    params.arguments("FILE", paths_, "files and patterns (*.txt); - or nothing is standard input");
    params.texts("text", texts_, "a text to count as well; may be given several times");
    params.flag(
        "recursive", recursive_,
        "take the files in folders, and below; those that cannot be read are named and left out "
        "(exit code 3)");
    params.flag("files", per_file_, "also show the counts of each file");
    params.count("top", top_, "show the N most frequent words", 0, 1'000'000);
    params.flag("ignore-case", ignore_case_, "for --top: A to Z count as a to z");
    params.flag("unicode", unicode_, "whitespace as Python's str.split() has it, not the C locale");
    params.example("--files notes.txt '*.md'", "lines, words and bytes of each, and of all");
    params.example("--recursive --top 10 --ignore-case src", "the most frequent words of a folder");
    params.example("--text 'hello world'", "two words");
  }

  void check() const {
    if (ignore_case_ && top_ == 0) {
      throw taskrun::usage_error(
          "--ignore-case does not change how many words there are: give it with --top");
    }
  }

  taskrun::Texts dataset() const {
    const bool from_stdin = paths_.empty() && texts_.empty();
    auto sources =
        taskrun::text_sources(from_stdin ? std::vector<std::string>{"-"} : paths_,
                              recursive_ ? taskrun::Folders::recurse : taskrun::Folders::refuse,
                              taskrun::Unreadable::is_told);
    for (const auto& text : texts_) {
      sources.push_back({"text", text.size(), nullptr, std::make_shared<const std::string>(text)});
    }
    return taskrun::Texts(std::move(sources));
  }

  // One or two milliseconds of counting, or as many words as a table in the processor's own memory
  // holds.
  std::uint64_t chunk_size() const { return 8U << 20; }

  Found map(const std::vector<TextPiece>& part) const {
    Found found;
    taskrun::WordTable table;
    for (const auto& piece : part) {
      if (!piece.trouble.empty()) {
        found.add_unread(piece.trouble);
        continue;
      }
      TextReader reader(piece);
      Counts counts;
      if (piece.begin < piece.end) {
        counts = unicode_ ? count_unicode(piece, reader) : count(piece, reader);
      }
      counts.bytes = piece.end - piece.begin;
      found.total += counts;
      found.source_count += piece.ends_source;
      if (per_file_) found.sources.push_back({piece.source, piece.name, counts});
      if (top_ == 0 || piece.begin == piece.end) continue;
      if (unicode_) {
        add_unicode_words(piece, reader, table);
      } else {
        taskrun::PieceWords(piece, reader, letters()).add_to(table);
      }
    }
    if (table.size() > 0) found.frequencies.emplace_back(table);
    return found;
  }

  Found reduce(Found left, Found right) const {
    left.total += right.total;
    left.source_count += right.source_count;
    left.unread_count += right.unread_count;
    for (auto& trouble : right.unread) {
      if (left.unread.size() < most_unread_told) left.unread.push_back(std::move(trouble));
    }
    for (auto& source : right.sources) {
      if (!left.sources.empty() && left.sources.back().source == source.source) {
        left.sources.back().counts += source.counts;
      } else {
        left.sources.push_back(std::move(source));
      }
    }
    auto& lists = left.frequencies;
    std::move(right.frequencies.begin(), right.frequencies.end(), std::back_inserter(lists));
    if (lists.size() > most_lists) {
      auto joined = taskrun::WordCounts::joined(lists);
      lists.clear();
      lists.push_back(std::move(joined));
    }
    return left;
  }

  void print(const Found& found, std::ostream& out) const {
    if (per_file_) {
      const auto line = [&](const Counts& counts, const std::string& name) {
        out << counts.lines << '\t' << counts.words << '\t' << counts.bytes << '\t'
            << in_one_line(name) << '\n';
      };
      for (const auto& source : found.sources) line(source.counts, source.name);
      line(found.total, "total");
    }
    for (const auto& [word, count] : most_frequent(found)) out << count << '\t' << word << '\n';
    if (per_file_ || top_ > 0) return;
    out << found.total.words << " words, " << found.total.lines << " lines, " << found.total.bytes
        << " bytes in " << found.source_count << (found.source_count == 1 ? " text\n" : " texts\n");
  }

  std::string failure(const Found& found) const {
    if (found.unread_count == 0) return "";
    std::string text = std::to_string(found.unread_count) +
                       (found.unread_count == 1 ? " file is" : " files are") + " left out: ";
    for (std::size_t i = 0; i < found.unread.size(); ++i) {
      text += (i == 0 ? "" : "; ") + found.unread[i];
    }
    const std::uint64_t more = found.unread_count - found.unread.size();
    return more == 0 ? text : text + "; and " + std::to_string(more) + " more";
  }

  nlohmann::json json(const Found& found) const {
    nlohmann::json all = as_json(found.total);
    all["text_count"] = found.source_count;
    if (found.unread_count > 0) all["unread_count"] = found.unread_count;
    if (per_file_) all["texts"] = nlohmann::json::array();
    for (const auto& source : found.sources) {
      nlohmann::json one = as_json(source.counts);
      one["name"] = readable(source.name);
      all["texts"].push_back(one);
    }
    if (top_ > 0) all["top"] = nlohmann::json::array();
    for (const auto& [word, count] : most_frequent(found)) {
      all["top"].push_back({{"word", readable(word)}, {"count", count}});
    }
    return all;
  }

 private:
  static nlohmann::json as_json(const Counts& counts) {
    return {{"words", counts.words}, {"lines", counts.lines}, {"bytes", counts.bytes}};
  }

  // JSON is UTF-8: what is not becomes U+FFFD.
  static nlohmann::json readable(std::string_view text) {
    return nlohmann::json::parse(
        nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
  }

  // Calls take(begin, end) for one block of the piece after the other.
  template <class Take>
  static void for_blocks(const TextPiece& piece, Take take) {
    for (std::uint64_t at = piece.begin; at < piece.end; at += block_bytes) {
      take(at, std::min(at + block_bytes, piece.end));
    }
  }

  static Counts count(const TextPiece& piece, TextReader& reader) {
    const std::string_view last = piece.begin > 0 ? reader.read(piece.begin - 1, piece.begin) : " ";
    bool space = last.empty() || taskrun::is_space(last.back());
    Counts counts;
    for_blocks(piece, [&](std::uint64_t begin, std::uint64_t end) {
      const std::string_view block = reader.read(begin, end);
      const auto found =
          taskrun::count_words(block, space ? taskrun::Before::space : taskrun::Before::word);
      counts += {found.words, found.lines, 0};
      space = taskrun::is_space(block.back());
    });
    return counts;
  }

  static Counts count_unicode(const TextPiece& piece, TextReader& reader) {
    Counts counts;
    for_blocks(piece, [&](std::uint64_t begin, std::uint64_t end) {
      const std::uint64_t first = begin - std::min<std::uint64_t>(begin, 3);
      const std::string_view window = reader.read(first, end + 3);
      const auto found = taskrun::count_unicode_words(window, begin - first, end - first);
      counts += {found.words, found.lines, 0};
    });
    return counts;
  }

  std::vector<taskrun::WordCounts::Counted> most_frequent(const Found& found) const {
    if (top_ == 0) return {};
    return taskrun::WordCounts::most_frequent(found.frequencies, top_);
  }

  taskrun::Letters letters() const {
    return ignore_case_ ? taskrun::Letters::lower : taskrun::Letters::as_they_are;
  }

  // The words that start in the piece, whole.
  void add_unicode_words(const TextPiece& piece, TextReader& reader,
                         taskrun::WordTable& table) const {
    std::string word;
    // What starts before the piece is not its own.
    bool skipping = piece.begin > 0;
    std::uint64_t at = piece.begin - (skipping ? 1 : 0);
    while (at < piece.source_bytes && (at < piece.end || !word.empty())) {
      const std::uint64_t end = std::min(at + block_bytes, std::max(piece.end, at + 256));
      const std::uint64_t first = at - std::min<std::uint64_t>(at, 3);
      const std::string_view window = reader.read(first, end + 3);
      const std::uint64_t past = std::min(end, piece.source_bytes);
      for (; at < past; ++at) {
        if (!taskrun::is_unicode_space(window, at - first)) {
          if (skipping || (word.empty() && at >= piece.end)) continue;
          if (word.size() < taskrun::WordTable::most_word_bytes) word += window[at - first];
          continue;
        }
        skipping = false;
        if (word.empty()) continue;
        add(word, table);
        word.clear();
        if (at >= piece.end) return;
      }
    }
    if (!word.empty()) add(word, table);
  }

  void add(std::string& word, taskrun::WordTable& table) const {
    if (ignore_case_) taskrun::lower_letters(word.data(), word.size());
    table.add(word);
  }

  std::vector<std::string> paths_;
  std::vector<std::string> texts_;
  bool recursive_ = false;
  bool per_file_ = false;
  std::uint64_t top_ = 0;
  bool ignore_case_ = false;
  bool unicode_ = false;
};

}  // namespace

TASKRUN_JOB(wordcount, "count words, lines and bytes, and find the most frequent words", WordCount)
