// SPDX-License-Identifier: MIT
// How often each word occurs, as it is kept and sent: without the empty places of a table, in
// groups by a hash that is the same in all processes. Several are joined group by group, each in
// the processor's own memory. A text may be written so that all its words are in one group: that is
// slower by what memory is slower, and no more.
#pragma once

#include <boost/serialization/vector.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "wordcount/word_table.hpp"

namespace taskrun {

class WordCounts {
 public:
  struct Counted {
    std::string word;
    std::uint64_t count = 0;
  };

  WordCounts() = default;
  explicit WordCounts(const WordTable& table) { append(table, 0, group_count); }
  /// What all of them have.
  static WordCounts joined(const std::vector<WordCounts>& all);
  /// Of all of them together: the most frequent first; of those as frequent as each other, in the
  /// order of their bytes.
  static std::vector<Counted> most_frequent(const std::vector<WordCounts>& all, std::size_t most);

  /// How many different words.
  std::size_t size() const { return entries_.size(); }

  /// Reading throws CorruptData for what cannot be joined with others.
  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& entries_& long_words_;
    if constexpr (Archive::is_loading::value) check();
  }

 private:
  static constexpr unsigned group_bits = WordEntry::group_bits;
  static constexpr std::size_t group_count = std::size_t{1} << group_bits;

  void check() const;
  /// Words of these groups, which come after all that are there.
  void append(const WordTable& table, std::size_t first_group, std::size_t groups);
  template <class Take>
  static void join(const std::vector<WordCounts>& all, Take take);

  std::vector<WordEntry> entries_;  // ordered by group
  LongWords long_words_;
};

}  // namespace taskrun
