// SPDX-License-Identifier: MIT
// Numbers as people write them, 1e9, 10M, 64MiB, 90s, and doubles as they are written for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// A whole number from 0 to 2^64 - 1: digits, a decimal with an exponent whose value is whole
/// (1e11, 2.5e3), or with a suffix k M G T P (powers of 1000) or Ki Mi Gi Ti Pi (of 1024).
/// Computed exactly. Nothing where the text is anything else or the value does not fit.
std::optional<std::uint64_t> parse_count(std::string_view text);

/// As parse_count; a unit B may follow (64MiB, 10MB, 512B).
std::optional<std::uint64_t> parse_byte_count(std::string_view text);

/// A finite number in decimal notation.
std::optional<double> parse_real(std::string_view text);

/// A decimal number with a unit ns, us, ms, s, m or min, h or d, or several, the largest first
/// (1h30m); bare numbers are seconds. Also as Slurm writes times: 10:00 (minutes and seconds),
/// 1:00:00, 1-12 (days and hours), 1-12:30, 1-12:00:00. Not negative, at most 100 years.
std::optional<Duration> parse_duration(std::string_view text);

/// The shortest text that reads back as the same double.
std::string shortest(double value);

}  // namespace taskrun
