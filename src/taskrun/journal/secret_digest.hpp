// SPDX-License-Identifier: MIT
// What tells secrets apart without holding them: a hash made for passwords (yescrypt, crypt(5)),
// with a random salt, so that guesses are slow, and worth nothing for another journal.
#pragma once

#include <string>
#include <string_view>

namespace taskrun {

/// Another one each time. Throws Error (environment).
std::string secret_digest(std::string_view secrets);
/// Takes the digest from anywhere: throws CorruptData for one that secret_digest() does not make,
/// which could cost any time and memory.
bool is_digest_of(const std::string& digest, std::string_view secrets);

}  // namespace taskrun
