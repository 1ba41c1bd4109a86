// SPDX-License-Identifier: MIT
#include "taskrun/core/secret_value.hpp"

#include <algorithm>
#include <array>

namespace taskrun::secret_search {
namespace {

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

// --token 3, --pass yes
bool is_harmless(std::string_view value) {
  constexpr std::array harmless{"yes", "no", "true", "false", "none", "null", "auto", "on", "off"};
  constexpr std::size_t most_digits = 4;
  const bool number =
      value.size() <= most_digits &&
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number || std::find(harmless.begin(), harmless.end(), value) != harmless.end();
}

// "Bearer X" leaves the scheme.
std::string_view without_scheme(std::string_view value) {
  const std::size_t begin = std::min(value.find_first_not_of(spaces), value.size());
  const std::size_t end = std::min(value.find_first_of(spaces, begin), value.size());
  if (!is_scheme(value.substr(begin, end - begin))) return value;
  return value.substr(std::min(value.find_first_not_of(spaces, end), value.size()));
}

}  // namespace

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

bool is_scheme(std::string_view word) {
  constexpr std::array schemes{"bearer", "basic", "digest", "token", "negotiate", "apikey"};
  std::string lower(word.substr(0, 10));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(schemes.begin(), schemes.end(), lower) != schemes.end();
}

std::string masked_value(SecretName name, std::string_view value, Reads reads) {
  const std::string_view secret = name == SecretName::authorization ? without_scheme(value) : value;
  const bool stays = secret.empty() || is_reference(secret, reads) ||
                     (name == SecretName::likely && is_harmless(secret));
  if (stays) return std::string(value);
  const auto scheme = value.substr(0, value.size() - secret.size());
  return std::string(scheme) + std::string(mask);
}

std::string masked_pair(std::string_view pair, char separator, Reads reads) {
  const std::size_t end = pair.find(separator);
  if (end == pair.npos) return std::string(pair);
  return std::string(pair.substr(0, end + 1)) +
         masked_value(SecretName::sure, pair.substr(end + 1), reads);
}

}  // namespace taskrun::secret_search
