// SPDX-License-Identifier: MIT
// What of a value is a secret, once its name or place says that it may be one. For this folder's
// search for secrets only (secrets.hpp).
#pragma once

#include <cctype>
#include <string>
#include <string_view>

#include "taskrun/core/secret_forms.hpp"

namespace taskrun::secret_search {

inline constexpr std::string_view mask = "***";
inline constexpr std::string_view spaces = " \t\r\n\v\f";

inline bool is_space(char c) { return spaces.find(c) != spaces.npos; }
inline bool has_space(std::string_view text) { return text.find_first_of(spaces) != text.npos; }
inline bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

/// How texts are read: those of a shell hold variables.
enum class Reads { words, shell };

/// Says where the secret is, and not what it is: a variable, a placeholder. What is masked already
/// is read so, too.
bool is_reference(std::string_view value, Reads reads);
/// "Bearer" and its like, in any case.
bool is_scheme(std::string_view word);

/// The value, masked unless it only refers to a secret, or is none with a name that is not sure. A
/// scheme before it stays.
std::string masked_value(SecretName name, std::string_view value, Reads reads);
/// user:SECRET. Two numbers are users and groups.
std::string masked_pair(std::string_view pair, char separator, Reads reads);

}  // namespace taskrun::secret_search
