// SPDX-License-Identifier: MIT
// The words that start in a piece of text, whole, wherever they end.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "taskrun/data/texts.hpp"
#include "wordcount/word_kernel.hpp"
#include "wordcount/word_table.hpp"

namespace taskrun {

enum class Letters { as_they_are, lower };

/// Takes A to Z for a to z.
inline void lower_letters(char* text, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool upper = static_cast<unsigned char>(c - 'A') < 26;
    text[i] = static_cast<char>(c | (upper ? 0x20 : 0));
  }
}

/// Reads a piece window by window. One thread.
class PieceWords {
 public:
  /// Both outlive it.
  PieceWords(const TextPiece& piece, TextReader& reader, Letters letters)
      : piece_(piece), reader_(reader), letters_(letters), at_(piece.begin) {}

  /// Adds each word to the table; of longer ones what the table keeps of them.
  void add_to(WordTable& table) {
    table.make_room(std::min((piece_.end - piece_.begin) / bytes_for_a_word, most_expected));
    if (piece_.begin > 0 && !is_space(byte_before())) skip_word();
    WordTable::Adder adder(table);
    while (at_ < piece_.end) {
      read_window();
      add_window(adder);
      adder.add_all();  // before the window is another
    }
  }

 private:
  // Large enough to be read at once, small enough for the processor's own memory.
  static constexpr std::uint64_t window_bytes = 64 << 10;
  static constexpr std::uint64_t mask_bytes = 64;
  // A table that has its size from the beginning need not grow; texts have about so many words that
  // they had not before.
  static constexpr std::uint64_t bytes_for_a_word = 64;
  static constexpr std::uint64_t most_expected = 1 << 17;

  char byte_before() { return reader_.read(piece_.begin - 1, piece_.begin).front(); }

  bool ends_source() const { return at_ + size_ == piece_.source_bytes; }

  // From at_ on, with whitespace behind it, as if the source ended there.
  void read_window() {
    const std::string_view text = reader_.read(at_, at_ + window_bytes);
    size_ = text.size();
    window_.assign(text);
    window_.append(mask_bytes + WordTable::readable_bytes, ' ');
    if (letters_ == Letters::lower) lower_letters(window_.data(), size_);
  }

  // Where the first byte is, from there on, that is whitespace or is none; size_ where none is.
  std::uint64_t find(std::uint64_t from, bool space) const {
    for (std::uint64_t base = from; base < size_; base += mask_bytes) {
      const std::uint64_t mask = space_mask(window_.data() + base);
      if (const std::uint64_t found = space ? mask : ~mask) {
        return std::min<std::uint64_t>(size_,
                                       base + static_cast<std::uint64_t>(std::countr_zero(found)));
      }
    }
    return size_;
  }

  // To the whitespace behind the word that at_ is in.
  void skip_word() {
    while (at_ < piece_.source_bytes) {
      read_window();
      const std::uint64_t end = find(0, true);
      at_ += end;
      if (end < size_) return;
    }
  }

  // All that end in the window; at_ is then where the next one starts, if one does.
  void add_window(WordTable::Adder& adder) {
    const char* const text = window_.data();
    // Words that start behind the piece are another's.
    const std::uint64_t own = std::min(size_, piece_.end - at_);
    const std::uint64_t known = ends_source() ? size_ + 1 : size_;  // the end is whitespace, too
    std::uint64_t start = 0;
    std::uint64_t before = 1;  // what is before the window is whitespace
    for (std::uint64_t base = 0; base < known; base += mask_bytes) {
      const std::uint64_t mask = space_mask(text + base);
      // Where words and whitespace take turns.
      for (std::uint64_t turns = mask ^ (mask << 1U | before); turns != 0; turns &= turns - 1) {
        const auto bit = static_cast<unsigned>(std::countr_zero(turns));
        const std::uint64_t at = base + bit;
        if ((mask >> bit & 1U) == 0) {
          start = at;
          if (start >= own) return move_to(start);
        } else {
          if (at >= known) return move_past_cut_word(adder, start);
          adder.add(text + start, at - start);
        }
      }
      before = mask >> 63U;
    }
    if (before == 0) return move_past_cut_word(adder, start);
    move_to(size_);
  }

  void move_to(std::uint64_t in_window) { at_ += in_window; }

  // It goes on behind the window: read from its start, unless it is longer than any window.
  void move_past_cut_word(WordTable::Adder& adder, std::uint64_t start) {
    at_ += start;
    if (start > 0) return;
    adder.add(window_.data(), WordTable::most_word_bytes);
    adder.add_all();
    skip_word();
  }

  const TextPiece& piece_;
  TextReader& reader_;
  const Letters letters_;
  std::uint64_t at_;        // the window's place in the source
  std::uint64_t size_ = 0;  // of the window
  std::string window_;
};

}  // namespace taskrun
