// SPDX-License-Identifier: MIT
// The lines of a block of text, piece after piece, as a command gets them on its standard input.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "taskrun/data/texts.hpp"

namespace taskrun {

/// A line belongs to the block that it begins in, and to that one whole. One thread.
class BlockLines {
 public:
  /// The pieces outlive it.
  explicit BlockLines(const std::vector<TextPiece>& pieces) : pieces_(pieces) {}

  /// What comes next; valid until the next call. Empty at the end. Throws what reading throws.
  std::string_view next();

 private:
  /// Where the lines of the piece begin, and past the end of the last one.
  static std::uint64_t line_begin(const TextPiece& piece, TextReader& reader, std::uint64_t at);

  const std::vector<TextPiece>& pieces_;
  std::size_t piece_ = 0;
  std::optional<TextReader> reader_;  // of the piece, once it is begun
  std::uint64_t at_ = 0;
  std::uint64_t end_ = 0;
  bool line_is_open_ = false;  // what was given last does not end with a line end
};

}  // namespace taskrun
