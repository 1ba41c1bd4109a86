// SPDX-License-Identifier: MIT
#include "taskrun/core/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "taskrun/core/secret_forms.hpp"

namespace taskrun {
namespace {

constexpr std::string_view mask = "***";
constexpr std::string_view spaces = " \t\r\n\v\f";
// sh -c 'ssh host "curl …"'
constexpr int most_depth = 4;

bool is_space(char c) { return spaces.find(c) != spaces.npos; }
bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}
bool has_space(std::string_view text) { return text.find_first_of(spaces) != text.npos; }

// How texts are read: those of a shell hold variables.
enum class Reads { words, shell };

// --- what is no secret

// $NAME, ${NAME}, $1; how long it is.
std::size_t variable_bytes(std::string_view text) {
  if (text.size() < 2 || text[0] != '$') return 0;
  const bool braces = text[1] == '{';
  std::size_t end = braces ? 2 : 1;
  const std::size_t begin = end;
  while (end < text.size() && is_name_char(text[end]) && text[end] != '-' && text[end] != '.')
    ++end;
  if (end == begin) return 0;
  if (!braces) return end;
  return end < text.size() && text[end] == '}' ? end + 1 : 0;
}

// {}, {name}, {1}
std::size_t placeholder_bytes(std::string_view text) {
  constexpr std::string_view others = " #/";
  constexpr std::size_t most = 64;
  if (text.empty() || text[0] != '{') return 0;
  for (std::size_t end = 1; end < std::min(text.size(), most); ++end) {
    if (text[end] == '}') return end + 1;
    if (!is_name_char(text[end]) && others.find(text[end]) == others.npos) return 0;
  }
  return 0;
}

// Says where the secret is, and not what it is. What is masked already is read so, too.
bool is_reference(std::string_view value, Reads reads) {
  constexpr std::string_view around = "\"'`;,)}]\\ ";
  while (!value.empty()) {
    std::size_t bytes = placeholder_bytes(value);
    if (bytes == 0 && value.starts_with(mask)) bytes = mask.size();
    if (bytes == 0 && reads == Reads::shell) {
      if (value.starts_with("$(") || value.starts_with("`")) return true;
      bytes = variable_bytes(value);
    }
    if (bytes == 0 && around.find(value[0]) != around.npos) bytes = 1;
    if (bytes == 0) return false;
    value.remove_prefix(bytes);
  }
  return true;
}

// --token 3, --pass yes
bool is_harmless(std::string_view value) {
  constexpr std::array harmless{"yes", "no", "true", "false", "none", "null", "auto", "on", "off"};
  constexpr std::size_t most_digits = 4;
  const bool number =
      value.size() <= most_digits &&
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number || std::find(harmless.begin(), harmless.end(), value) != harmless.end();
}

bool is_scheme(std::string_view word) {
  constexpr std::array schemes{"bearer", "basic", "digest", "token", "negotiate", "apikey"};
  std::string lower(word.substr(0, 10));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(schemes.begin(), schemes.end(), lower) != schemes.end();
}

// "Bearer X" leaves the scheme.
std::string_view without_scheme(std::string_view value) {
  const std::size_t begin = std::min(value.find_first_not_of(spaces), value.size());
  const std::size_t end = std::min(value.find_first_of(spaces, begin), value.size());
  if (!is_scheme(value.substr(begin, end - begin))) return value;
  return value.substr(std::min(value.find_first_not_of(spaces, end), value.size()));
}

std::string masked_value(SecretName name, std::string_view value, Reads reads) {
  const std::string_view secret = name == SecretName::authorization ? without_scheme(value) : value;
  const bool stays = secret.empty() || is_reference(secret, reads) ||
                     (name == SecretName::likely && is_harmless(secret));
  if (stays) return std::string(value);
  const auto scheme = value.substr(0, value.size() - secret.size());
  return std::string(scheme) + std::string(mask);
}

// user:SECRET. Two numbers are users and groups.
std::string masked_pair(std::string_view pair, char separator, Reads reads) {
  const std::size_t end = pair.find(separator);
  if (end == pair.npos) return std::string(pair);
  return std::string(pair.substr(0, end + 1)) +
         masked_value(SecretName::sure, pair.substr(end + 1), reads);
}

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

// Within a word: addresses, fields, tokens, quoted commands.
class WordScan {
 public:
  WordScan(std::string_view word, Reads reads, int depth)
      : word_(word), reads_(reads), depth_(depth) {}

  std::string masked();

 private:
  bool take_token();
  bool take_name();
  bool take_field(std::size_t name_end);
  bool take_user(std::size_t name_end);
  bool take_quoted();
  std::size_t value_end(std::size_t begin, SecretName name) const;
  void copy_to(std::size_t end) {
    shown_ += word_.substr(at_, end - at_);
    at_ = end;
  }

  const std::string_view word_;
  const Reads reads_;
  const int depth_;
  std::size_t at_ = 0;
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
  shown_ += masked_value(name, word_.substr(begin, end - begin), reads_);
  at_ = end;
  return true;
}

std::size_t WordScan::value_end(std::size_t begin, SecretName name) const {
  constexpr std::string_view ends = " \t\r\n\v\f&\"'`,;)}]<>";
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
  if (name == SecretName::authorization) {
    const std::size_t end = rest.find_first_of("\"'\r\n");
    return end == rest.npos ? word_.size() : begin + end;
  }
  const std::size_t end = rest.find_first_of(ends);
  return end == rest.npos ? word_.size() : begin + end;
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
  if (depth_ >= most_depth || no_more_.find(quote) != no_more_.npos) return false;
  const std::size_t end = word_.find(quote, at_ + 1);
  if (end == word_.npos) {
    no_more_ += quote;
    return false;
  }
  const std::string_view content = word_.substr(at_ + 1, end - at_ - 1);
  if (!has_space(content)) return false;
  copy_to(at_ + 1);
  shown_ += mask_text(content, depth_ + 1);
  at_ = end;
  copy_to(at_ + 1);
  return true;
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
  return WordScan(word, reads_, depth_).masked();
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
  if (depth >= most_depth) return WordScan(text, Reads::shell, depth).masked();
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
