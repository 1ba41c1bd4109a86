// SPDX-License-Identifier: MIT
// What every call of MPI passes through: results that are looked at, and sizes that fit its int.
#pragma once

#include <cstdint>

namespace taskrun {

/// Throws Error (environment) with MPI's own text for a call that failed.
void check(int result, const char* call);

/// Sizes were cut to segments before: one that does not fit is a bug of ours.
int checked_int(std::uint64_t value);

}  // namespace taskrun
