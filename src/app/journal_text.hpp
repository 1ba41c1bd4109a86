// SPDX-License-Identifier: MIT
// What `status` and `log` write alike.
#pragma once

#include <string>

namespace taskrun {

/// "2026-11-22 05:48:59", in this machine's time zone; of seconds since 1970.
std::string time_text(double unix_seconds);

}  // namespace taskrun
