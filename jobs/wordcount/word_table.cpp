// SPDX-License-Identifier: MIT
#include "wordcount/word_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "taskrun/core/bytes.hpp"

namespace taskrun {
namespace {

constexpr std::size_t first_capacity = 1024;
constexpr std::size_t length_bytes = 4;

// The two halves of a product mixed: every bit of both numbers reaches the upper bits.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a ^ 0x9e3779b97f4a7c15U} * (b ^ 0xd6e8feb86659fd93U);
  const auto folded =
      static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  return folded * 0xff51afd7ed558ccdU;
}

// The lowest bytes of a number.
std::uint64_t lowest(std::uint64_t number, std::size_t bytes) {
  return bytes >= 8 ? number : number & ((std::uint64_t{1} << (8 * bytes)) - 1);
}

std::uint64_t eight_bytes(const char* from) {
  std::uint64_t number;
  std::memcpy(&number, from, sizeof number);
  if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
  return number;
}

void put_eight_bytes(char* to, std::uint64_t number) {
  if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
  std::memcpy(to, &number, sizeof number);
}

}  // namespace

WordTable::Entry WordTable::short_entry(const char* word, std::size_t size) {
  Entry entry;
  entry.first = lowest(eight_bytes(word), size);
  if (size > 8) entry.last = lowest(eight_bytes(word + 8), size - 8);
  entry.last |= std::uint64_t{size} << 56U;
  return entry;
}

std::uint64_t WordTable::hash_of(const Entry& entry) {
  return is_long(entry) ? entry.first : mixed(entry.first, entry.last);
}

std::uint64_t WordTable::hash_of_long(std::string_view word) { return checksum(view_of(word)); }

std::string_view WordTable::long_word(const Entry& entry) const {
  const char* const at = long_words_.data() + lowest(entry.last, 7);
  std::uint32_t size;
  std::memcpy(&size, at, length_bytes);
  return {at + length_bytes, size};
}

std::string_view WordTable::word_of(const Entry& entry, char (&room)[16]) const {
  if (is_long(entry)) return long_word(entry);
  put_eight_bytes(room, entry.first);
  put_eight_bytes(room + 8, entry.last);
  return {room, static_cast<std::size_t>(entry.last >> 56U)};
}

void WordTable::add(std::string_view word, std::uint64_t count) {
  word = word.substr(0, most_word_bytes);
  if (word.size() > most_short_bytes) return add_long(word, hash_of_long(word), count);
  char room[16] = {};
  std::memcpy(room, word.data(), word.size());
  add_short(short_entry(room, word.size()), count);
}

void WordTable::Adder::add(const char* word, std::size_t size) {
  if (waiting_count_ == waiting_.size()) add_all();
  if (waiting_count_ == 0) table_.make_room(waiting_.size());
  Waiting& waiting = waiting_[waiting_count_++];
  if (size > most_short_bytes) {
    waiting.long_word = std::string_view(word, std::min(size, most_word_bytes));
    waiting.hash = hash_of_long(waiting.long_word);
  } else {
    waiting.long_word = {};
    waiting.entry = short_entry(word, size);
    waiting.hash = hash_of(waiting.entry);
  }
  __builtin_prefetch(&table_.entries_[table_.place_of(waiting.hash)], 1);
}

void WordTable::Adder::add_all() {
  for (std::size_t i = 0; i < waiting_count_; ++i) {
    const Waiting& waiting = waiting_[i];
    if (!waiting.long_word.empty()) {
      table_.add_long(waiting.long_word, waiting.hash, 1);
    } else {
      table_.add_short_at(table_.place_of(waiting.hash), waiting.entry, 1);
    }
  }
  waiting_count_ = 0;
}

void WordTable::add_short(const Entry& wanted, std::uint64_t count) {
  make_room(1);
  add_short_at(place_of(hash_of(wanted)), wanted, count);
}

// From there on, in a table that has room.
void WordTable::add_short_at(std::size_t place, const Entry& wanted, std::uint64_t count) {
  for (;; place = next(place)) {
    Entry& entry = entries_[place];
    if (entry.last == wanted.last && entry.first == wanted.first) {
      entry.count += count;
      return;
    }
    if (entry.last != 0) continue;
    entry = {wanted.first, wanted.last, count};
    ++used_;
    return;
  }
}

void WordTable::add_long(std::string_view word, std::uint64_t hash, std::uint64_t count) {
  make_room(1);
  for (std::size_t place = place_of(hash);; place = next(place)) {
    Entry& entry = entries_[place];
    if (is_long(entry) && entry.first == hash && long_word(entry) == word) {
      entry.count += count;
      return;
    }
    if (entry.last != 0) continue;
    entry = {hash, long_mark << 56U | long_words_.size(), count};
    const auto size = static_cast<std::uint32_t>(word.size());
    char length[length_bytes];
    std::memcpy(length, &size, length_bytes);
    long_words_.append(length, length_bytes).append(word);
    ++used_;
    return;
  }
}

// All are in the order of their hashes. Part by part, so that what is written to stays in the
// processor's own memory until all have written there.
WordTable WordTable::joined(const std::vector<WordTable>& tables) {
  constexpr std::size_t part_entries = 1 << 15;
  WordTable all;
  std::size_t most = 0;
  for (const WordTable& table : tables) most += table.used_;
  all.make_room(most);
  const std::size_t parts = std::max<std::size_t>(1, all.entries_.size() / part_entries);
  for (std::size_t part = 0; part < parts; ++part) {
    for (const WordTable& table : tables) all.join_part(table, part, parts);
  }
  return all;
}

// The part of the other's places that belongs to a part of all hashes, almost.
void WordTable::join_part(const WordTable& other, std::size_t part, std::size_t parts) {
  const std::size_t size = other.entries_.size();
  for (std::size_t place = size * part / parts; place < size * (part + 1) / parts; ++place) {
    const Entry& entry = other.entries_[place];
    if (entry.last == 0) continue;
    if (is_long(entry)) {
      add_long(other.long_word(entry), entry.first, entry.count);
    } else {
      add_short(entry, entry.count);
    }
  }
}

// Three quarters full at most: then a word is found in two or three steps. Whoever adds words in
// the order of another table's hashes makes room for all of them first: in a table that grew on the
// way they would all meet in its first places.
void WordTable::make_room(std::size_t words) {
  if (4 * (used_ + words) <= 3 * entries_.size()) return;
  grow(std::bit_ceil(std::max((used_ + words) / 3 * 4 + 4, first_capacity)));
}

// What is not empty, as it lies in memory.
std::string WordTable::packed() const {
  std::string bytes;
  bytes.reserve(used_ * sizeof(Entry));
  for (const Entry& entry : entries_) {
    if (entry.last != 0) bytes.append(reinterpret_cast<const char*>(&entry), sizeof entry);
  }
  return bytes;
}

// The long words are there already.
void WordTable::unpack(const std::string& bytes) {
  entries_.clear();
  used_ = 0;
  make_room(bytes.size() / sizeof(Entry));
  for (std::size_t at = 0; at + sizeof(Entry) <= bytes.size(); at += sizeof(Entry)) {
    Entry entry;
    std::memcpy(&entry, bytes.data() + at, sizeof entry);
    put(entry);
    ++used_;
  }
}

void WordTable::put(const Entry& entry) {
  std::size_t place = place_of(hash_of(entry));
  while (entries_[place].last != 0) place = next(place);
  entries_[place] = entry;
}

void WordTable::grow(std::size_t capacity) {
  std::vector<Entry> before(capacity);
  before.swap(entries_);
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(capacity));
  for (const Entry& entry : before) {
    if (entry.last != 0) put(entry);
  }
}

std::vector<WordTable::Counted> WordTable::most_frequent(std::size_t most) const {
  const auto before = [](const Counted& a, const Counted& b) {
    return a.count != b.count ? a.count > b.count : a.word < b.word;
  };
  // A heap whose first is the last of the best so far.
  std::vector<Counted> best;
  for_each([&](std::string_view word, std::uint64_t count) {
    if (most == 0) return;
    if (best.size() == most) {
      const Counted& last = best.front();
      if (count < last.count || (count == last.count && word > last.word)) return;
      std::pop_heap(best.begin(), best.end(), before);
      best.pop_back();
    }
    best.push_back({std::string(word), count});
    std::push_heap(best.begin(), best.end(), before);
  });
  std::sort_heap(best.begin(), best.end(), before);
  return best;
}

}  // namespace taskrun
