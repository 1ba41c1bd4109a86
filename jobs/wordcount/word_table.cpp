// SPDX-License-Identifier: MIT
#include "wordcount/word_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace taskrun {
namespace {

constexpr std::size_t first_capacity = 1024;

}  // namespace

void WordTable::add(std::string_view word, std::uint64_t count) {
  word = word.substr(0, most_word_bytes);
  if (word.size() > WordEntry::most_short_bytes) {
    return add_long(word, hash_(word), count);
  }
  char room[16] = {};
  std::memcpy(room, word.data(), word.size());
  const WordEntry entry = WordEntry::of_short(room, word.size(), count);
  make_room(1);
  add_short(place_of(hash_of(entry)), entry);
}

void WordTable::add(const WordEntry& entry, const LongWords& long_words) {
  if (entry.is_long()) {
    const std::string_view word = long_words.of(entry);
    return add_long(word, hash_(word), entry.count);
  }
  make_room(1);
  add_short(place_of(hash_of(entry)), entry);
}

void WordTable::Adder::add(const char* word, std::size_t size) {
  if (waiting_count_ == waiting_.size()) add_all();
  if (waiting_count_ == 0) table_.make_room(waiting_.size());
  Waiting& waiting = waiting_[waiting_count_++];
  if (size > WordEntry::most_short_bytes) {
    waiting.long_word = std::string_view(word, std::min(size, most_word_bytes));
    waiting.hash = table_.hash_(waiting.long_word);
  } else {
    waiting.long_word = {};
    waiting.entry = WordEntry::of_short(word, size, 1);
    waiting.hash = table_.hash_of(waiting.entry);
  }
  __builtin_prefetch(&table_.entries_[table_.place_of(waiting.hash)], 1);
}

void WordTable::Adder::add_all() {
  for (std::size_t i = 0; i < waiting_count_; ++i) {
    const Waiting& waiting = waiting_[i];
    if (!waiting.long_word.empty()) {
      table_.add_long(waiting.long_word, waiting.hash, 1);
    } else {
      table_.add_short(table_.place_of(waiting.hash), waiting.entry);
    }
  }
  waiting_count_ = 0;
}

// From there on, in a table that has room.
void WordTable::add_short(std::size_t place, const WordEntry& wanted) {
  for (;; place = next(place)) {
    WordEntry& entry = entries_[place];
    if (entry.last == wanted.last && entry.first == wanted.first) {
      entry.count += wanted.count;
      return;
    }
    if (!entry.empty()) continue;
    entry = wanted;
    ++used_;
    return;
  }
}

void WordTable::add_long(std::string_view word, std::uint64_t hash, std::uint64_t count) {
  make_room(1);
  for (std::size_t place = place_of(hash);; place = next(place)) {
    WordEntry& entry = entries_[place];
    if (entry.is_long() && entry.first == hash && long_words_.of(entry) == word) {
      entry.count += count;
      return;
    }
    if (!entry.empty()) continue;
    entry = long_words_.add(word, hash, count);
    ++used_;
    return;
  }
}

// Three quarters full at most: then a word is found in two or three steps. Whoever adds words in
// the order of another table makes room for all of them first: in a table that grew on the way they
// would all meet in its first places.
void WordTable::make_room(std::size_t words) {
  if (4 * (used_ + words) <= 3 * entries_.size()) return;
  grow(std::bit_ceil(std::max((used_ + words) / 3 * 4 + 4, first_capacity)));
}

void WordTable::clear() {
  std::fill(entries_.begin(), entries_.end(), WordEntry{});
  long_words_.clear();
  used_ = 0;
}

void WordTable::grow(std::size_t capacity) {
  std::vector<WordEntry> before(capacity);
  before.swap(entries_);
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(capacity));
  for (const WordEntry& entry : before) {
    if (entry.empty()) continue;
    std::size_t place = place_of(hash_of(entry));
    while (!entries_[place].empty()) place = next(place);
    entries_[place] = entry;
  }
}

}  // namespace taskrun
