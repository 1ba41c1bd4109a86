// SPDX-License-Identifier: MIT
// Whether this build is one with AddressSanitizer or ThreadSanitizer. Those take ten times as long:
// what shows the same for each of many values is shown for some of them there.
#pragma once

namespace taskrun::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace taskrun::testing
