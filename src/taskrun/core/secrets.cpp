// SPDX-License-Identifier: MIT
#include "taskrun/core/secrets.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "taskrun/core/secret_forms.hpp"
#include "taskrun/core/secret_word.hpp"

namespace taskrun {
namespace {

using namespace secret_search;

// sh -c 'ssh host "curl …"'
constexpr int most_depth = 4;

// --- private keys (RFC 7468; OpenPGP's and OpenSSH's look alike)

std::string without_keys(std::string_view text) {
  constexpr std::string_view begin_mark = "-----BEGIN ";
  constexpr std::string_view end_mark = "-----END ";
  constexpr std::string_view dashes = "-----";
  constexpr std::size_t most_label = 64;
  std::string shown;
  for (std::size_t from = 0;;) {
    const std::size_t begin = text.find(begin_mark, from);
    if (begin == text.npos) return shown += text.substr(from);
    const std::size_t label = begin + begin_mark.size();
    const std::size_t length = text.substr(label, most_label).find(dashes);
    const bool is_private =
        length != text.npos && text.substr(label, length).find("PRIVATE KEY") != text.npos;
    if (!is_private) {
      shown += text.substr(from, label - from);
      from = label;
      continue;
    }
    const std::size_t body = label + length + dashes.size();
    shown += text.substr(from, body - from);
    shown += mask;
    // Without an end it was cut.
    from = std::min(text.find(end_mark, body), text.size());
  }
}

// --- words

std::string mask_text(std::string_view text, int depth);

// Commands that are quoted within it are texts of their own, as deep as that.
std::string word_within(std::string_view word, Reads reads, int depth) {
  if (depth >= most_depth) return masked_word(word, reads, nullptr);
  return masked_word(word, reads,
                     [depth](std::string_view quoted) { return mask_text(quoted, depth + 1); });
}

// One word after the other: some say what the next one is.
class WordMasker {
 public:
  WordMasker(Reads reads, int depth) : reads_(reads), depth_(depth) {}

  /// As it stands in a text, or what it means without its quotes.
  std::string next_raw(std::string_view word) { return next(word, false); }
  std::string next(std::string_view word) { return next(word, true); }

 private:
  std::string next(std::string_view word, bool is_whole);
  enum class Expects { nothing, secret, pair, bearer };

  std::string expected(std::string_view word);
  std::optional<std::string> as_option_of_program(std::string_view word);
  std::optional<std::string> as_assignment(std::string_view word);
  void look_ahead(std::string_view word);
  std::string plain(std::string_view word, bool is_whole);
  void remember_program(std::string_view word);

  const Reads reads_;
  const int depth_;
  Expects expects_ = Expects::nothing;
  SecretName name_ = SecretName::sure;  // of what is expected
  char separator_ = ':';
  std::string program_;
};

// --verbose, -v; anything else may be a secret that begins with a dash.
bool is_plain_option(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  return word[1] == '-' || (word.size() == 2 && std::isalpha(static_cast<unsigned char>(word[1])));
}

std::string WordMasker::next(std::string_view word, bool is_whole) {
  const Expects expects = std::exchange(expects_, Expects::nothing);
  if (expects != Expects::nothing && !word.empty() && !is_plain_option(word)) {
    expects_ = expects;
    return expected(word);
  }
  remember_program(word);
  if (auto shown = as_option_of_program(word)) return *shown;
  if (auto shown = as_assignment(word)) return *shown;
  look_ahead(word);
  return plain(word, is_whole);
}

std::string WordMasker::expected(std::string_view word) {
  // Values of exec begin here.
  if (word.starts_with(":::")) {
    expects_ = Expects::nothing;
    return std::string(word);
  }
  // The secret follows it.
  if (name_ == SecretName::authorization && is_scheme(word)) return std::string(word);
  const Expects expects = std::exchange(expects_, Expects::nothing);
  if (expects == Expects::pair) return masked_pair(word, separator_, reads_);
  constexpr std::size_t least_bearer = 16;
  if (expects == Expects::bearer && word.size() < least_bearer) return plain(word, true);
  return masked_value(name_, word, reads_);
}

void WordMasker::remember_program(std::string_view word) {
  const std::string_view name = word.substr(word.rfind('/') + 1);
  if (has_secret_options(name)) program_ = name;
}

std::optional<std::string> WordMasker::as_option_of_program(std::string_view word) {
  if (program_.empty()) return std::nullopt;
  const SecretOption* option = secret_option(program_, word);
  if (option == nullptr) return std::nullopt;
  const bool pair = option->takes == SecretOption::Takes::user_and_secret;
  if (word.size() == option->option.size()) {
    expects_ = pair ? Expects::pair : Expects::secret;
    separator_ = option->separator;
    name_ = SecretName::sure;
    return std::string(word);
  }
  const std::size_t begin = option->option.size() + (option->option.starts_with("--") ? 1 : 0);
  const std::string_view value = word.substr(begin);
  return std::string(word.substr(0, begin)) + (pair
                                                   ? masked_pair(value, option->separator, reads_)
                                                   : masked_value(SecretName::sure, value, reads_));
}

// --password=X, PASSWORD=X, Authorization: X: to the end of the word, whatever it holds.
std::optional<std::string> WordMasker::as_assignment(std::string_view word) {
  constexpr std::string_view of_openssl = "pass:";
  if (word.starts_with(of_openssl)) {
    return std::string(of_openssl) +
           masked_value(SecretName::sure, word.substr(of_openssl.size()), reads_);
  }
  const auto sign = static_cast<std::size_t>(
      std::find_if(word.begin(), word.end(), [](char c) { return !is_name_char(c); }) -
      word.begin());
  if (sign == 0 || sign >= word.size() || (word[sign] != '=' && word[sign] != ':')) {
    return std::nullopt;
  }
  const SecretName name = secret_name(word.substr(0, sign));
  if (name == SecretName::none) return std::nullopt;
  if (word[sign] == ':' && name == SecretName::likely) return std::nullopt;
  const std::size_t begin = std::min(word.find_first_not_of(spaces, sign + 1), word.size());
  const std::string_view value = word.substr(begin);
  if (value.empty() && word[sign] == ':') {
    expects_ = Expects::secret;
    name_ = name;
  }
  // VARIABLE=$(…) and more of a shell's text.
  const bool is_text =
      has_space(value) && is_reference(value.substr(0, value.find_first_of(spaces)), Reads::shell);
  if (is_text && name != SecretName::authorization) return std::nullopt;
  return std::string(word.substr(0, begin)) + masked_value(name, value, reads_);
}

void WordMasker::look_ahead(std::string_view word) {
  if (word == "Bearer" || word == "bearer") {
    expects_ = Expects::bearer;
    name_ = SecretName::sure;
    return;
  }
  // "password": and its value.
  if (word.size() > 2 && word.ends_with("\":")) {
    const std::size_t quote = word.rfind('"', word.size() - 3);
    if (quote == word.npos) return;
    name_ = secret_name(word.substr(quote + 1, word.size() - 3 - quote));
    if (name_ != SecretName::none) expects_ = Expects::secret;
    return;
  }
  if (word.size() < 3 || word[0] != '-' || !std::all_of(word.begin(), word.end(), is_name_char)) {
    return;
  }
  name_ = secret_name(word);
  if (name_ != SecretName::none) expects_ = Expects::secret;
}

std::string WordMasker::plain(std::string_view word, bool is_whole) {
  if (is_whole && has_space(word)) return mask_text(word, depth_ + 1);
  return word_within(word, reads_, depth_);
}

// --- texts

// Where the word that begins there ends; quotes that are never closed are none.
class WordEnds {
 public:
  explicit WordEnds(std::string_view text) : text_(text) {}

  std::size_t end_of(std::size_t at) {
    while (at < text_.size() && !is_space(text_[at])) at = past(at);
    return at;
  }

 private:
  std::size_t past(std::size_t at) {
    const char c = text_[at];
    if (c == '\\') return std::min(at + 2, text_.size());
    const bool quote = c == '\'' || c == '"';
    if (!quote || no_more_.find(c) != no_more_.npos) return at + 1;
    for (std::size_t end = at + 1; end < text_.size(); ++end) {
      if (text_[end] == c) return end + 1;
      if (c == '"' && text_[end] == '\\') ++end;
    }
    no_more_ += c;
    return at + 1;
  }

  const std::string_view text_;
  std::string no_more_;
};

// What is quoted as a whole is a word of its own.
bool is_quoted(std::string_view word) {
  if (word.size() < 2 || (word[0] != '\'' && word[0] != '"')) return false;
  return word.find(word[0], 1) == word.size() - 1;
}

std::string mask_text(std::string_view text, int depth) {
  if (depth >= most_depth) return word_within(text, Reads::shell, depth);
  std::string shown;
  WordMasker masker(Reads::shell, depth);
  WordEnds ends(text);
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      shown += text[at++];
      continue;
    }
    const std::size_t end = ends.end_of(at);
    const std::string_view word = text.substr(at, end - at);
    if (is_quoted(word)) {
      const std::string content = masker.next(word.substr(1, word.size() - 2));
      shown += word[0] + content + word[0];
    } else {
      shown += masker.next_raw(word);
    }
    at = end;
  }
  return shown;
}

}  // namespace

std::string without_secrets(std::string_view text) { return mask_text(without_keys(text), 0); }

std::vector<std::string> without_secrets(const std::vector<std::string>& words) {
  std::vector<std::string> shown;
  WordMasker masker(Reads::words, 0);
  for (const std::string& word : words) shown.push_back(masker.next(without_keys(word)));
  return shown;
}

std::string without_secrets(std::string_view name, std::string_view value) {
  const SecretName kind = secret_name(name);
  if (kind != SecretName::none) return masked_value(kind, value, Reads::words);
  return without_secrets(std::vector{std::string(value)}).front();
}

std::string shown_with(Secrets secrets, std::string_view text) {
  return secrets == Secrets::kept ? std::string(text) : without_secrets(text);
}

}  // namespace taskrun
