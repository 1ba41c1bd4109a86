// SPDX-License-Identifier: MIT
#include "exec/block.hpp"

#include <algorithm>

namespace taskrun {
namespace {

// Much more than a pipe holds costs memory for nothing.
constexpr std::uint64_t step_bytes = 256 << 10;
// Lines are short, most often.
constexpr std::uint64_t search_bytes = 4 << 10;

}  // namespace

std::uint64_t BlockLines::line_begin(const TextPiece& piece, TextReader& reader, std::uint64_t at) {
  if (at == 0) return 0;
  for (std::uint64_t from = at - 1; from < piece.source_bytes;) {
    const std::string_view text = reader.read(from, from + search_bytes);
    if (text.empty()) break;
    const auto found = text.find('\n');
    if (found != text.npos) return from + found + 1;
    from += text.size();
  }
  return piece.source_bytes;
}

std::string_view BlockLines::next() {
  while (piece_ < pieces_.size()) {
    const TextPiece& piece = pieces_[piece_];
    // Of a source whose last line has no end there may be nothing but that end.
    if (piece.begin >= piece.end) {
      ++piece_;
      continue;
    }
    if (!reader_) {
      reader_.emplace(piece);
      at_ = line_begin(piece, *reader_, piece.begin);
      end_ = line_begin(piece, *reader_, piece.end);
      // A line that is never ended must not go on in the next source.
      if (at_ < end_ && std::exchange(line_is_open_, false)) return "\n";
    }
    if (at_ < end_) {
      const std::string_view text = reader_->read(at_, std::min(at_ + step_bytes, end_));
      at_ += text.size();
      line_is_open_ = !text.ends_with('\n');
      return text;
    }
    reader_.reset();
    ++piece_;
  }
  return {};
}

}  // namespace taskrun
