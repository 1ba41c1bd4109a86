// SPDX-License-Identifier: MIT
#include "wordcount/word_counts.hpp"

#include <algorithm>
#include <bit>

#include "taskrun/core/bytes.hpp"

namespace taskrun {
namespace {

// As many words at a time as stay in the processor's own memory.
constexpr std::size_t joined_words = 8192;

// The best so far: a heap whose first is the last of them.
class Best {
 public:
  explicit Best(std::size_t most) : most_(most) {}

  void offer(std::string_view word, std::uint64_t count) {
    if (most_ == 0) return;
    if (best_.size() == most_) {
      const auto& last = best_.front();
      if (count < last.count || (count == last.count && word > last.word)) return;
      std::pop_heap(best_.begin(), best_.end(), before);
      best_.pop_back();
    }
    best_.push_back({std::string(word), count});
    std::push_heap(best_.begin(), best_.end(), before);
  }

  std::vector<WordCounts::Counted> in_order() {
    std::sort_heap(best_.begin(), best_.end(), before);
    return std::move(best_);
  }

 private:
  static bool before(const WordCounts::Counted& a, const WordCounts::Counted& b) {
    return a.count != b.count ? a.count > b.count : a.word < b.word;
  }

  std::size_t most_;
  std::vector<WordCounts::Counted> best_;
};

}  // namespace

void WordCounts::check() const {
  std::size_t group = 0;
  for (const WordEntry& entry : entries_) {
    const bool is_word =
        entry.is_long() ? long_words_.has(entry) : !entry.empty() && entry.has_short_size();
    if (!is_word || entry.group() < group) throw CorruptData("counts of words out of order");
    group = entry.group();
  }
}

// Sorted by counting.
void WordCounts::append(const WordTable& table, std::size_t first_group, std::size_t groups) {
  const std::size_t before = entries_.size();
  std::vector<std::size_t> begin(groups + 1);
  table.for_each([&](const WordEntry& entry) { ++begin[entry.group() - first_group + 1]; });
  begin[0] = before;
  for (std::size_t i = 1; i <= groups; ++i) begin[i] += begin[i - 1];
  entries_.resize(begin[groups]);
  table.for_each(
      [&](const WordEntry& entry) { entries_[begin[entry.group() - first_group]++] = entry; });
  // In this order they are read again.
  for (std::size_t i = before; i < entries_.size(); ++i) {
    if (entries_[i].is_long()) entries_[i] = long_words_.add(entries_[i], table.long_words());
  }
}

// Calls take(table, first group, groups) for some groups after the others.
template <class Take>
void WordCounts::join(const std::vector<WordCounts>& all, Take take) {
  std::size_t words = 0;
  for (const WordCounts& counts : all) words += counts.size();
  const auto bits = std::min(group_bits, unsigned(std::bit_width(words / joined_words)));
  const std::size_t groups = group_count >> bits;
  WordTable table;
  std::vector<std::vector<WordEntry>::const_iterator> ends;
  for (const WordCounts& counts : all) ends.push_back(counts.entries_.begin());
  for (std::size_t first = 0; first < group_count; first += groups) {
    auto begins = ends;
    std::size_t most = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      ends[i] = std::partition_point(begins[i], all[i].entries_.end(), [&](const WordEntry& entry) {
        return entry.group() < first + groups;
      });
      most += static_cast<std::size_t>(ends[i] - begins[i]);
    }
    table.clear();
    table.make_room(most);
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (auto at = begins[i]; at != ends[i]; ++at) table.add(*at, all[i].long_words_);
    }
    take(table, first, groups);
  }
}

WordCounts WordCounts::joined(const std::vector<WordCounts>& all) {
  WordCounts result;
  join(all, [&](const WordTable& table, std::size_t first, std::size_t groups) {
    result.append(table, first, groups);
  });
  return result;
}

std::vector<WordCounts::Counted> WordCounts::most_frequent(const std::vector<WordCounts>& all,
                                                           std::size_t most) {
  Best best(most);
  join(all, [&](const WordTable& table, std::size_t, std::size_t) {
    table.for_each([&](const WordEntry& entry) {
      char room[16];
      best.offer(word_of(entry, table.long_words(), room), entry.count);
    });
  });
  return best.in_order();
}

}  // namespace taskrun
