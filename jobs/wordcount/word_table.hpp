// SPDX-License-Identifier: MIT
// How often each word occurs. An open table whose places go by hash, so that two tables are joined
// in one pass through both; short words lie in the table itself. What a word is, is the job's
// matter.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// One thread.
class WordTable {
 public:
  /// So many bytes may be read, not used, after every word that an Adder gets.
  static constexpr std::size_t readable_bytes = 16;
  /// Longer words are told apart by so many of their first bytes, so that memory stays bounded.
  static constexpr std::size_t most_word_bytes = 4096;

  struct Counted {
    std::string word;
    std::uint64_t count = 0;
  };

  /// A word of at least one byte.
  void add(std::string_view word, std::uint64_t count = 1);
  /// Adds many words, each once; the table has them when this is gone.
  class Adder;
  /// What all of them have.
  static WordTable joined(const std::vector<WordTable>& tables);

  /// For so many more words, before they come.
  void make_room(std::size_t words);

  std::size_t size() const { return used_; }
  /// Calls take(word, count) for each, in no particular order; the word is valid during the call.
  template <class Take>
  void for_each(Take take) const;
  /// The most frequent first; of those as frequent as each other, in the order of their bytes.
  std::vector<Counted> most_frequent(std::size_t most) const;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    std::string bytes;
    if constexpr (Archive::is_saving::value) bytes = packed();
    archive& bytes& long_words_;
    if constexpr (!Archive::is_saving::value) unpack(bytes);
  }

 private:
  // A word of up to 15 bytes is in `first` and `last`, whose top byte is its size. Of a longer one
  // they are its hash, and its place among the long words below a top byte of 255.
  struct Entry {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // of an empty entry 0
    std::uint64_t count = 0;
  };
  static constexpr std::size_t most_short_bytes = 15;
  static constexpr std::uint64_t long_mark = 0xff;

  static Entry short_entry(const char* word, std::size_t size);
  static bool is_long(const Entry& entry) { return entry.last >> 56U == long_mark; }
  static std::uint64_t hash_of(const Entry& entry);

  std::string_view long_word(const Entry& entry) const;
  std::string_view word_of(const Entry& entry, char (&room)[16]) const;
  void add_short(const Entry& entry, std::uint64_t count);
  void add_short_at(std::size_t place, const Entry& entry, std::uint64_t count);
  static std::uint64_t hash_of_long(std::string_view word);
  void add_long(std::string_view word, std::uint64_t hash, std::uint64_t count);
  std::size_t place_of(std::uint64_t hash) const { return hash >> shift_; }
  std::size_t next(std::size_t place) const { return (place + 1) & (entries_.size() - 1); }
  std::string packed() const;
  void unpack(const std::string& bytes);
  void join_part(const WordTable& other, std::size_t part, std::size_t parts);
  void grow(std::size_t capacity);
  /// One that is not there yet, where there is room.
  void put(const Entry& entry);

  std::vector<Entry> entries_;  // a power of two of them, or none
  std::size_t used_ = 0;
  unsigned shift_ = 64;     // of a hash, so that its upper bits are a place
  std::string long_words_;  // each after its size, in four bytes
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
    Entry entry;  // of a short word
    std::uint64_t hash = 0;
    std::string_view long_word;
  };

  WordTable& table_;
  // Their places are on the way from memory while others are found in the text.
  std::array<Waiting, 32> waiting_;
  std::size_t waiting_count_ = 0;
};

template <class Take>
void WordTable::for_each(Take take) const {
  for (const Entry& entry : entries_) {
    if (entry.last == 0) continue;
    char room[16];
    take(word_of(entry, room), entry.count);
  }
}

}  // namespace taskrun
