// SPDX-License-Identifier: MIT
#include "taskrun/core/secret_forms.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace taskrun {
namespace {

bool is_ascii_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_ascii_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
bool is_ascii_alnum(char c) { return is_ascii_lower(c) || is_ascii_upper(c) || is_ascii_digit(c); }

// --- names

// Longer ones end as their last part says.
constexpr std::size_t most_name_bytes = 128;

// dbPassword, db-password and DB_PASSWORD are _db_password.
std::string parts_of(std::string_view name) {
  if (name.size() > most_name_bytes) name.remove_prefix(name.size() - most_name_bytes);
  std::string parts = "_";
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (is_ascii_upper(c)) {
      if (i > 0 && is_ascii_lower(name[i - 1])) parts += '_';
      parts += static_cast<char>(c - 'A' + 'a');
    } else if (c == '-' || c == '.' || c == '_') {
      if (parts.back() != '_') parts += '_';
    } else {
      parts += c;
    }
  }
  return parts;
}

constexpr std::array whole_names{"_sshpass", "_rediscli_auth"};
// The folder that a shell is in.
constexpr std::array folder_names{"_pwd", "_oldpwd"};
constexpr std::array sure_endings{
    "password",       "passwd",         "passphrase",      "_secret",           "_pwd",
    "apikey",         "secretkey",      "accesstoken",     "authtoken",         "clientsecret",
    "_api_key",       "_access_key",    "_secret_key",     "_account_key",      "_auth_key",
    "_session_key",   "_shared_key",    "_encryption_key", "_subscription_key", "_master_key",
    "_amz_signature", "_goog_signature"};

bool ends_with_any(std::string_view parts, const auto& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return parts.ends_with(ending); });
}
bool is_any(std::string_view parts, const auto& names) {
  return std::find(names.begin(), names.end(), parts) != names.end();
}

// --- forms

enum class Of { alnum, word, upper, word_and_dash };

bool is_of(Of characters, char c) {
  switch (characters) {
    case Of::alnum:
      return is_ascii_alnum(c);
    case Of::word:
      return is_ascii_alnum(c) || c == '_';
    case Of::upper:
      return is_ascii_upper(c) || is_ascii_digit(c);
    case Of::word_and_dash:
      break;
  }
  return is_ascii_alnum(c) || c == '_' || c == '-';
}

// The part behind the prefix has at least so many characters.
struct Form {
  std::string_view prefix;
  std::size_t least;
  Of characters;
  bool exactly = false;
  bool mixed = false;  ///< letters and digits: other words begin like it
};
constexpr std::array forms{
    // github.blog/engineering/behind-githubs-new-authentication-token-formats
    Form{"ghp_", 36, Of::alnum}, Form{"gho_", 36, Of::alnum}, Form{"ghu_", 36, Of::alnum},
    Form{"ghs_", 36, Of::alnum}, Form{"ghr_", 36, Of::alnum}, Form{"github_pat_", 22, Of::word},
    // docs.gitlab.com/security/tokens: token prefixes
    Form{"glpat-", 20, Of::word_and_dash}, Form{"gldt-", 20, Of::word_and_dash},
    Form{"glrt-", 20, Of::word_and_dash}, Form{"glptt-", 20, Of::word_and_dash},
    Form{"glcbt-", 20, Of::word_and_dash}, Form{"glagent-", 20, Of::word_and_dash},
    Form{"gloas-", 20, Of::word_and_dash},
    // docs.slack.dev/authentication/tokens
    Form{"xoxb-", 10, Of::word_and_dash}, Form{"xoxp-", 10, Of::word_and_dash},
    Form{"xoxa-", 10, Of::word_and_dash}, Form{"xoxe-", 10, Of::word_and_dash},
    Form{"xoxe.xoxp-", 10, Of::word_and_dash}, Form{"xoxr-", 10, Of::word_and_dash},
    Form{"xoxs-", 10, Of::word_and_dash}, Form{"xapp-", 10, Of::word_and_dash},
    // docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    Form{"AKIA", 16, Of::upper, true}, Form{"ASIA", 16, Of::upper, true},
    // docs.stripe.com/keys; OpenAI's and Anthropic's keys begin with sk- as well
    Form{"sk_live_", 16, Of::alnum}, Form{"sk_test_", 16, Of::alnum},
    Form{"rk_live_", 16, Of::alnum}, Form{"rk_test_", 16, Of::alnum},
    Form{"sk-", 20, Of::word_and_dash, false, true},
    // cloud.google.com/docs/authentication/api-keys, and its access tokens
    Form{"AIza", 35, Of::word_and_dash, true}, Form{"ya29.", 20, Of::word_and_dash},
    // docs.npmjs.com/about-access-tokens, pypi.org/help/#apitoken
    Form{"npm_", 36, Of::alnum, true}, Form{"pypi-AgE", 16, Of::word_and_dash},
    // huggingface.co/docs/hub/security-tokens, developer.hashicorp.com/vault/docs/concepts/tokens
    Form{"hf_", 30, Of::alnum}, Form{"hvs.", 24, Of::word_and_dash},
    Form{"dckr_pat_", 20, Of::word_and_dash}, Form{"dop_v1_", 64, Of::alnum, true}};

std::size_t run_bytes(std::string_view text, Of characters) {
  const auto end =
      std::find_if(text.begin(), text.end(), [&](char c) { return !is_of(characters, c); });
  return static_cast<std::size_t>(end - text.begin());
}

bool has_letters_and_digits(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_ascii_digit) &&
         std::any_of(text.begin(), text.end(),
                     [](char c) { return is_ascii_lower(c) || is_ascii_upper(c); });
}

std::size_t form_bytes(const Form& form, std::string_view text) {
  if (!text.starts_with(form.prefix)) return 0;
  const std::string_view body = text.substr(form.prefix.size());
  const std::size_t count = run_bytes(body, form.characters);
  if (form.exactly ? count != form.least : count < form.least) return 0;
  if (form.mixed && !has_letters_and_digits(body.substr(0, count))) return 0;
  return form.prefix.size() + count;
}

// RFC 7519: JSON in base64url, a dot, likewise, and mostly a dot and a signature. {" is eyJ.
std::size_t jwt_bytes(std::string_view text) {
  constexpr std::size_t least = 8;
  if (!text.starts_with("eyJ")) return 0;
  std::size_t bytes = run_bytes(text, Of::word_and_dash);
  if (bytes < least || bytes == text.size() || text[bytes] != '.') return 0;
  const std::size_t payload = run_bytes(text.substr(bytes + 1), Of::word_and_dash);
  if (payload < least) return 0;
  bytes += 1 + payload;
  while (bytes < text.size() && text[bytes] == '.') {
    bytes += 1 + run_bytes(text.substr(bytes + 1), Of::word_and_dash);
  }
  return bytes;
}

// --- options

using Takes = SecretOption::Takes;
constexpr std::array options{
    SecretOption{"curl", "-u", Takes::user_and_secret, ':', true},
    SecretOption{"curl", "--user", Takes::user_and_secret, ':', true},
    SecretOption{"curl", "-U", Takes::user_and_secret, ':', true},
    SecretOption{"curl", "--proxy-user", Takes::user_and_secret, ':', true},
    SecretOption{"http", "-a", Takes::user_and_secret, ':', true},
    SecretOption{"http", "--auth", Takes::user_and_secret, ':', true},
    SecretOption{"https", "-a", Takes::user_and_secret, ':', true},
    SecretOption{"https", "--auth", Takes::user_and_secret, ':', true},
    SecretOption{"smbclient", "-U", Takes::user_and_secret, '%', true},
    SecretOption{"sshpass", "-p", Takes::secret, '\0', true},
    SecretOption{"mysql", "-p", Takes::secret, '\0', false},
    SecretOption{"mysqldump", "-p", Takes::secret, '\0', false},
    SecretOption{"mysqladmin", "-p", Takes::secret, '\0', false},
    SecretOption{"mariadb", "-p", Takes::secret, '\0', false},
    SecretOption{"mariadb-dump", "-p", Takes::secret, '\0', false},
    SecretOption{"7z", "-p", Takes::secret, '\0', false},
    SecretOption{"redis-cli", "-a", Takes::secret, '\0', true},
    SecretOption{"ldapsearch", "-w", Takes::secret, '\0', true},
    SecretOption{"ldapmodify", "-w", Takes::secret, '\0', true},
    SecretOption{"zip", "-P", Takes::secret, '\0', true},
    SecretOption{"unzip", "-P", Takes::secret, '\0', true},
    SecretOption{"mosquitto_pub", "-P", Takes::secret, '\0', true},
    SecretOption{"mosquitto_sub", "-P", Takes::secret, '\0', true}};

}  // namespace

SecretName secret_name(std::string_view name) {
  const std::string parts = parts_of(name);
  if (parts == "_authorization" || parts == "_proxy_authorization") {
    return SecretName::authorization;
  }
  if (parts == "_cookie" || parts == "_set_cookie") return SecretName::authorization;
  if (parts == "_token" || parts == "_pass") return SecretName::likely;
  if (is_any(parts, folder_names)) return SecretName::none;
  const bool is_sure =
      is_any(parts, whole_names) || ends_with_any(parts, sure_endings) || parts.ends_with("_token");
  return is_sure ? SecretName::sure : SecretName::none;
}

std::size_t token_bytes(std::string_view text) {
  for (const Form& form : forms) {
    if (const std::size_t bytes = form_bytes(form, text); bytes > 0) return bytes;
  }
  return jwt_bytes(text);
}

const SecretOption* secret_option(std::string_view program, std::string_view word) {
  for (const SecretOption& known : options) {
    if (known.program != program || !word.starts_with(known.option)) continue;
    const bool is_long = known.option.starts_with("--");
    const bool ends = word.size() == known.option.size();
    if (ends ? known.apart : !is_long || word[known.option.size()] == '=') return &known;
  }
  return nullptr;
}

bool has_secret_options(std::string_view program) {
  return std::any_of(options.begin(), options.end(),
                     [&](const SecretOption& known) { return known.program == program; });
}

}  // namespace taskrun
