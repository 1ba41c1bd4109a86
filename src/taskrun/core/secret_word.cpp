// SPDX-License-Identifier: MIT
#include "taskrun/core/secret_word.hpp"

#include <algorithm>
#include <utility>

namespace taskrun::secret_search {
namespace {

class WordScan {
 public:
  WordScan(std::string_view word, Reads reads, const MaskQuoted& mask_quoted)
      : word_(word), reads_(reads), mask_quoted_(mask_quoted) {}

  std::string masked();

 private:
  bool take_token();
  bool take_name();
  bool take_field(std::size_t name_end);
  bool take_user(std::size_t name_end);
  bool take_quoted();
  std::size_t value_end(std::size_t begin, SecretName name) const;
  std::size_t unquoted_end(std::size_t begin, SecretName name) const;
  void drop_what_is_stuck_to(std::size_t value_end, SecretName name);
  void copy_to(std::size_t end) {
    const std::size_t begin = std::clamp(dropped_to_, at_, end);
    shown_ += word_.substr(begin, end - begin);
    at_ = end;
  }

  const std::string_view word_;
  const Reads reads_;
  const MaskQuoted& mask_quoted_;  // none: they are looked at as they stand
  std::size_t at_ = 0;
  std::size_t dropped_to_ = 0;  // what is before it is searched, and not shown
  std::string shown_;
  std::string no_more_;  // quotes that are never closed
};

std::string WordScan::masked() {
  while (at_ < word_.size()) {
    const bool begins = at_ == 0 || !is_name_char(word_[at_ - 1]);
    if (begins && (take_token() || take_name())) continue;
    // A token may stand behind a dot.
    const bool behind_dot = at_ > 0 && word_[at_ - 1] == '.';
    if (behind_dot && take_token()) continue;
    if (!take_quoted()) copy_to(at_ + 1);
  }
  return std::move(shown_);
}

bool WordScan::take_token() {
  const std::size_t bytes = token_bytes(word_.substr(at_));
  if (bytes == 0) return false;
  shown_ += mask;
  at_ += bytes;
  return true;
}

bool WordScan::take_name() {
  std::size_t end = at_;
  while (end < word_.size() && is_name_char(word_[end])) ++end;
  if (end == at_) return false;
  return take_field(end) || take_user(end);
}

// NAME=X, "NAME": "X", ?NAME=X&…
bool WordScan::take_field(std::size_t name_end) {
  constexpr std::string_view quotes = "\"'\\";
  constexpr std::size_t most_quotes = 4;
  std::size_t sign = name_end;
  while (sign < word_.size() && sign - name_end < most_quotes &&
         quotes.find(word_[sign]) != quotes.npos) {
    ++sign;
  }
  const bool quoted = sign > name_end;
  while (quoted && sign < word_.size() && is_space(word_[sign])) ++sign;
  if (sign >= word_.size() || (word_[sign] != '=' && word_[sign] != ':')) return false;
  const SecretName name = secret_name(word_.substr(at_, name_end - at_));
  if (name == SecretName::none) return false;
  const bool unsure = name == SecretName::likely && word_[sign] == ':' && !quoted;
  if (unsure) return false;
  std::size_t begin = sign + 1;
  while (begin < word_.size() && is_space(word_[begin])) ++begin;
  copy_to(begin);
  const std::size_t end = value_end(begin, name);
  // Its quotes go with it, unless it stays.
  const std::string_view value = word_.substr(begin, end - begin);
  const std::string shown = masked_value(name, value, reads_);
  shown_ += shown;
  at_ = end;
  if (shown != value) drop_what_is_stuck_to(end, name);
  return true;
}

// 'a'b is one value, and so is ***b.
void WordScan::drop_what_is_stuck_to(std::size_t value_end, SecretName name) {
  const std::size_t end = unquoted_end(value_end, name);
  if (!is_reference(word_.substr(value_end, end - value_end), reads_)) dropped_to_ = end;
}

std::size_t WordScan::value_end(std::size_t begin, SecretName name) const {
  const std::string_view rest = word_.substr(begin);
  // \" of a quoted text in a quoted text, or one quote.
  const std::size_t backslashes = std::min(rest.find_first_not_of('\\'), rest.size());
  const bool quoted =
      backslashes < rest.size() && (rest[backslashes] == '"' || rest[backslashes] == '\'');
  if (quoted) {
    const std::string_view quote = rest.substr(0, backslashes + 1);
    std::size_t end = quote.size();
    while (end < rest.size() && !rest.substr(end).starts_with(quote)) {
      end += quote == "\"" && rest[end] == '\\' ? 2 : 1;
    }
    return std::min(begin + end + quote.size(), word_.size());
  }
  return unquoted_end(begin, name);
}

std::size_t WordScan::unquoted_end(std::size_t begin, SecretName name) const {
  constexpr std::string_view ends = " \t\r\n\v\f&\"'`,;)}]<>";
  constexpr std::string_view ends_of_header = "\"'\r\n";
  const bool is_header = name == SecretName::authorization;
  return std::min(word_.find_first_of(is_header ? ends_of_header : ends, begin), word_.size());
}

// RFC 3986, 3.2.1: what follows the first colon is not to be shown.
bool WordScan::take_user(std::size_t name_end) {
  constexpr std::string_view mark = "://";
  constexpr std::string_view ends = "/?#\"'`<>\\ \t\r\n\v\f";
  if (!word_.substr(name_end).starts_with(mark)) return false;
  const std::size_t begin = name_end + mark.size();
  const std::size_t end = std::min(word_.find_first_of(ends, begin), word_.size());
  const std::string_view authority = word_.substr(begin, end - begin);
  const std::size_t at = authority.rfind('@');
  copy_to(begin);
  if (at == authority.npos || authority.substr(0, at).find(':') == authority.npos) return true;
  shown_ += masked_pair(authority.substr(0, at), ':', reads_);
  at_ = begin + at;
  return true;
}

bool WordScan::take_quoted() {
  const char quote = word_[at_];
  if (quote == '\\' && at_ + 1 < word_.size()) {
    copy_to(at_ + 2);
    return true;
  }
  if (quote != '\'' && quote != '"') return false;
  if (!mask_quoted_ || no_more_.find(quote) != no_more_.npos) return false;
  const std::size_t end = word_.find(quote, at_ + 1);
  if (end == word_.npos) {
    no_more_ += quote;
    return false;
  }
  const std::string_view content = word_.substr(at_ + 1, end - at_ - 1);
  if (!has_space(content)) return false;
  copy_to(at_ + 1);
  shown_ += mask_quoted_(content);
  at_ = end;
  copy_to(at_ + 1);
  return true;
}

}  // namespace

std::string masked_word(std::string_view word, Reads reads, const MaskQuoted& mask_quoted) {
  return WordScan(word, reads, mask_quoted).masked();
}

}  // namespace taskrun::secret_search
