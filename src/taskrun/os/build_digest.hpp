// SPDX-License-Identifier: MIT
// Which build of the program this is, for ranks to compare.
#pragma once

#include <cstdint>

namespace taskrun {

/// A digest of the build identifier that the linker wrote into the program; of the whole program
/// where there is none. Shared libraries do not count.
std::uint64_t build_digest();

}  // namespace taskrun
