// SPDX-License-Identifier: MIT
// Texts and commands as they may be kept and shown: *** in place of what looks like a secret.
//
// A guess, made from names (--password X, API_KEY=X, Authorization: X, ?access_token=X,
// user:X@host) and from forms (tokens of well-known services, JWT, private keys). What only refers
// to a secret stays: "$PASSWORD" in a shell's text, {} and {column} in a command. The time it takes
// grows with the text's length, and no more; any bytes will do; what is masked stays masked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// What becomes of secrets in what is kept and shown.
enum class Secrets { masked, kept };

/// A text for people, a shell's command line, a word of one.
std::string without_secrets(std::string_view text);
/// A command's words: those that belong to an option for a secret are masked, too.
std::vector<std::string> without_secrets(const std::vector<std::string>& words);
/// The value of an option, a variable or a field with that name.
std::string without_secrets(std::string_view name, std::string_view value);

/// The text itself where secrets are kept.
std::string shown_with(Secrets secrets, std::string_view text);

}  // namespace taskrun
