// SPDX-License-Identifier: MIT
#include "taskrun/launch/far_text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include "taskrun/launch/rank_environment.hpp"

namespace taskrun {
namespace {

// A piece: this character, the secret, its kind; then a rank, a length and so much text, or a line.
constexpr char begin_of_piece = '\x1e';
constexpr char kind_text = 'e';
constexpr char kind_word = 'w';
constexpr char kind_trouble = 'c';
constexpr std::size_t rank_digits = 8;
constexpr std::size_t length_digits = 4;

std::string hex(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value /= 16) {
    *digit = "0123456789abcdef"[value % 16];
  }
  return text;
}

std::uint32_t from_hex(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

std::string mark_of(const std::string& secret) { return begin_of_piece + secret; }

std::optional<LifelineWord> parsed_word(const std::string& said) {
  std::istringstream in(said);
  std::uint32_t kind = 0;
  LifelineWord word;
  if (!(in >> kind >> word.value)) return std::nullopt;
  word.kind = static_cast<LifelineWord::Kind>(kind);
  return word;
}

// Where a mark may have begun at the end of the text; its size where none has.
std::size_t begun_mark(const std::string& text, const std::string& mark) {
  for (auto at = text.find(begin_of_piece, text.size() - std::min(text.size(), mark.size()));
       at != std::string::npos; at = text.find(begin_of_piece, at + 1)) {
    if (mark.starts_with(std::string_view(text).substr(at))) return at;
  }
  return text.size();
}

}  // namespace

std::string far_text(const std::string& secret, std::uint32_t rank, std::string_view text) {
  return mark_of(secret) + kind_text + hex(rank, rank_digits) + hex(text.size(), length_digits) +
         std::string(text);
}

std::string far_word(const std::string& secret, const LifelineWord& word) {
  return mark_of(secret) + kind_word + std::to_string(static_cast<int>(word.kind)) + " " +
         std::to_string(word.value) + "\n";
}

std::string far_trouble_command(const std::string& host_and_why) {
  return std::string("printf '\\036%s") + kind_trouble + "%s\\n' \"$" + secret_variable + "\" " +
         host_and_why + " >&2";
}

FarReader::FarReader(const std::string& secret) : mark_(mark_of(secret)) {}

bool FarReader::next(Part& part) {
  part = {};
  const auto mark = held_.find(mark_);
  return mark == 0 ? take_piece(part) : take_launcher_text(mark, part);
}

bool FarReader::take_launcher_text(std::size_t mark, Part& part) {
  const auto size = mark == std::string::npos ? begun_mark(held_, mark_) : mark;
  part.text = held_.substr(0, size);
  held_.erase(0, size);
  return size > 0;
}

bool FarReader::take_piece(Part& part) {
  const std::size_t begin = mark_.size() + 1;
  if (held_.size() < begin) return false;
  std::size_t end = 0;
  if (held_[begin - 1] == kind_text) {
    const std::size_t text_begin = begin + rank_digits + length_digits;
    if (held_.size() < text_begin) return false;
    part.kind = Part::Kind::text;
    part.rank = from_hex(std::string_view(held_).substr(begin, rank_digits));
    end = text_begin + from_hex(std::string_view(held_).substr(begin + rank_digits, length_digits));
    if (held_.size() < end) return false;
    part.text = held_.substr(text_begin, end - text_begin);
  } else {
    end = held_.find('\n', begin);
    if (end == std::string::npos && held_.size() < most_far_bytes) return false;
    end = std::min(end, held_.size());
    part.text = held_.substr(begin, end - begin);
    const auto word = held_[begin - 1] == kind_word ? parsed_word(part.text) : std::nullopt;
    part.kind = held_[begin - 1] == kind_trouble ? Part::Kind::trouble : Part::Kind::word;
    if (word) part.word = *word;
    end = std::min(end + 1, held_.size());
  }
  held_.erase(0, end);
  return true;
}

std::string FarReader::rest() { return std::exchange(held_, {}); }

}  // namespace taskrun
