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

/// For a rank: the secret that it was given; empty where there is none. It is gone from the
/// environment afterwards, also from what others can read of it. Call before there are threads.
std::string take_run_secret();

/// The variable that brings it to the ranks.
inline constexpr const char* secret_variable = "TASKRUN_RUN_SECRET";

}  // namespace taskrun
