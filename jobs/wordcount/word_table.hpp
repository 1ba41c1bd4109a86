// SPDX-License-Identifier: MIT
// Counts words as they come: an open table whose places go by a hash that nobody outside knows;
// short words lie in the table itself. What a word is, is the job's matter.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wordcount/word_entry.hpp"
#include "wordcount/word_hash.hpp"

namespace taskrun {

/// One thread.
class WordTable {
 public:
  /// So many bytes may be read, not used, after every word that an Adder gets.
  static constexpr std::size_t readable_bytes = 16;
  /// Longer words are told apart by so many of their first bytes, so that memory stays bounded.
  static constexpr std::size_t most_word_bytes = 4096;

  /// A word of at least one byte.
  void add(std::string_view word, std::uint64_t count = 1);
  /// A word that another has counted, as often as it has.
  void add(const WordEntry& entry, const LongWords& long_words);
  /// Adds many words, each once; the table has them when this is gone.
  class Adder;

  /// For so many more words, before they come.
  void make_room(std::size_t words);
  /// Its room stays.
  void clear();

  std::size_t size() const { return used_; }
  const LongWords& long_words() const { return long_words_; }
  /// Calls take(entry) for each, in no order.
  template <class Take>
  void for_each(Take take) const {
    for (const WordEntry& entry : entries_) {
      if (!entry.empty()) take(entry);
    }
  }

 private:
  void add_short(std::size_t place, const WordEntry& wanted);
  void add_long(std::string_view word, std::uint64_t hash, std::uint64_t count);
  std::size_t place_of(std::uint64_t hash) const { return hash >> shift_; }
  std::uint64_t hash_of(const WordEntry& entry) const {
    return entry.is_long() ? entry.first : hash_(entry.first, entry.last);
  }
  std::size_t next(std::size_t place) const { return (place + 1) & (entries_.size() - 1); }
  void grow(std::size_t capacity);

  WordHash hash_;
  std::vector<WordEntry> entries_;  // a power of two of them, or none
  std::size_t used_ = 0;
  unsigned shift_ = 64;  // of a hash, so that its upper bits are a place
  LongWords long_words_;
};

class WordTable::Adder {
 public:
  /// The table outlives it, and is not used meanwhile.
  explicit Adder(WordTable& table) : table_(table) {}
  ~Adder() { add_all(); }
  Adder(const Adder&) = delete;
  Adder& operator=(const Adder&) = delete;

  /// A word of at least one byte, with `readable_bytes` behind it. It stays there until this is
  /// gone, or add_all().
  void add(const char* word, std::size_t size);
  void add_all();

 private:
  struct Waiting {
    WordEntry entry;  // of a short word
    std::uint64_t hash = 0;
    std::string_view long_word;
  };

  WordTable& table_;
  // Their places are on the way from memory while others are found in the text.
  std::array<Waiting, 32> waiting_;
  std::size_t waiting_count_ = 0;
};

}  // namespace taskrun
