// SPDX-License-Identifier: MIT
// What secrets look like: by the names they are given under, and by forms of their own. The tables;
// how texts are searched for them is secrets.hpp's matter.
#pragma once

#include <cstddef>
#include <string_view>

namespace taskrun {

/// What the name of an option, a variable, a header or a field says of its value.
enum class SecretName {
  none,
  likely,         ///< token, pass: unless the value is a number or a word such as yes
  sure,           ///< password, API_KEY, access_token
  authorization,  ///< a header: a scheme, then the secret; all that follows belongs to it
};
SecretName secret_name(std::string_view name);

/// Of a token that a service is known to hand out, at the beginning of the text: how long it is. 0:
/// there is none. What stands before it is the caller's matter.
std::size_t token_bytes(std::string_view text);

/// An option of one program that takes a secret, and does not say so by its name.
struct SecretOption {
  enum class Takes { secret, user_and_secret };
  std::string_view program;
  std::string_view option;
  Takes takes;
  char separator;  ///< between user and secret
  bool apart;      ///< -p SECRET, beside -pSECRET
};
/// Of a program (its file's name): the one that begins the word; null where none does.
const SecretOption* secret_option(std::string_view program, std::string_view word);
/// Whether there is any.
bool has_secret_options(std::string_view program);

}  // namespace taskrun
