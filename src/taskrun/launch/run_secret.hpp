// SPDX-License-Identifier: MIT
// What the ranks of one run know and no program that they start: by it the supervisor tells their
// words from anything that others write or send.
#pragma once

#include <cstdint>
#include <string>

namespace taskrun {

/// 32 characters, 0-9 and a-f. Throws Error (environment) where the system has no random numbers.
std::string random_text();

/// The part of a secret that fits in a number.
std::uint64_t secret_number(const std::string& secret);

}  // namespace taskrun
