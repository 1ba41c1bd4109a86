// SPDX-License-Identifier: MIT
// Figures as people read them: three digits and a unit. For programs there is account_json.hpp.
#pragma once

#include <string>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// 950, 1.23 k, 45.6 M, 7.89 G, 1.23 T, … (powers of 1000).
std::string readable_count(double count);
/// 950 B, 1.23 kB, 45.6 MB, … (powers of 1000).
std::string readable_bytes(double bytes);
/// 3.00 µs, 45.6 ms, 7.89 s; from two minutes on 2 min 05 s, 3 h 20 min, 4 d 05 h.
std::string readable_duration(Duration d);
/// 0.971 as 97.1 %; whole from 99.95 on.
std::string readable_ratio(double ratio);

}  // namespace taskrun
