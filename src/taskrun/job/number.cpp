// SPDX-License-Identifier: MIT
#include "taskrun/job/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace taskrun {
namespace {

__extension__ using Wide = unsigned __int128;

struct Suffix {
  std::string_view text;
  int tens;  // the factor is 10^tens * 2^twos
  int twos;
};
constexpr std::array<Suffix, 11> suffixes{{{"k", 3, 0},
                                           {"K", 3, 0},
                                           {"M", 6, 0},
                                           {"G", 9, 0},
                                           {"T", 12, 0},
                                           {"P", 15, 0},
                                           {"Ki", 0, 10},
                                           {"Mi", 0, 20},
                                           {"Gi", 0, 30},
                                           {"Ti", 0, 40},
                                           {"Pi", 0, 50}}};

bool is_digit(char c) { return '0' <= c && c <= '9'; }

// The longest front of the text that is made of digits.
std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const auto digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

// value * factor where that fits 64 bits.
std::optional<std::uint64_t> times(std::uint64_t value, std::uint64_t factor) {
  const Wide product = Wide{value} * factor;
  if (product > UINT64_MAX) return std::nullopt;
  return static_cast<std::uint64_t>(product);
}

// Of a number of any length.
void double_digits(std::string& digits) {
  int carry = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    const int twice = 2 * (*digit - '0') + carry;
    *digit = static_cast<char>('0' + twice % 10);
    carry = twice / 10;
  }
  if (carry > 0) digits.insert(digits.begin(), '1');
}

// The digits as a number, times 10^exponent; nothing where that is not whole or does not fit.
std::optional<std::uint64_t> scaled(std::string digits, int exponent) {
  while (exponent < 0 && !digits.empty() && digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  if (digits.find_first_not_of('0') == std::string::npos) return 0;
  if (exponent < 0) return std::nullopt;
  std::optional<std::uint64_t> value = 0;
  const auto append = [&](char digit) {
    value = times(*value, 10);
    const auto add = static_cast<std::uint64_t>(digit - '0');
    if (value && *value <= UINT64_MAX - add) {
      *value += add;
    } else {
      value.reset();
    }
  };
  for (const char digit : digits) {
    append(digit);
    if (!value) return std::nullopt;
  }
  for (int i = 0; i < exponent; ++i) {
    append('0');
    if (!value) return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::string digits(take_digits(text));
  int exponent = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto fraction = take_digits(text);
    digits += fraction;
    exponent = -static_cast<int>(fraction.size());
  }
  if (digits.empty()) return std::nullopt;
  if (text.size() > 1 && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (text.front() == '+') text.remove_prefix(1);
    auto power = take_digits(text);
    if (power.empty() || !text.empty()) return std::nullopt;
    power.remove_prefix(std::min(power.find_first_not_of('0'), power.size()));
    // Larger ones fit with nothing but zeros, or with a fraction that nobody writes.
    int number = 0;
    if (power.size() > 5)
      number = 99'999;
    else
      std::from_chars(power.data(), power.data() + power.size(), number);
    return scaled(digits, exponent + number);
  }
  for (const auto& suffix : suffixes) {
    if (text != suffix.text) continue;
    // 1.5Ki: the fraction must come out whole.
    for (int i = 0; i < suffix.twos; ++i) double_digits(digits);
    return scaled(digits, exponent + suffix.tens);
  }
  return text.empty() ? scaled(digits, exponent) : std::nullopt;
}

std::optional<std::uint64_t> parse_byte_count(std::string_view text) {
  if (text.ends_with('B')) text.remove_suffix(1);
  return parse_count(text);
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

namespace {

constexpr double hundred_years_seconds = 100 * 365.25 * 86400;

struct Unit {
  std::string_view text;
  double seconds;
};
// Of two that begin alike the longer one first.
constexpr std::array<Unit, 8> units{{{"d", 86400},
                                     {"h", 3600},
                                     {"min", 60},
                                     {"ms", 1e-3},
                                     {"m", 60},
                                     {"s", 1},
                                     {"us", 1e-6},
                                     {"ns", 1e-9}}};

// 90m, 1h30m: numbers with units, each smaller than the one before it.
std::optional<double> seconds_with_units(std::string_view text) {
  double total = 0;
  for (double last = HUGE_VAL; !text.empty();) {
    // The number goes on to its unit; 1e3s has letters of its own.
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || std::signbit(value)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& one) { return text.starts_with(one.text); });
    if (unit == units.end() || unit->seconds >= last) return std::nullopt;
    text.remove_prefix(unit->text.size());
    last = unit->seconds;
    total += value * unit->seconds;
  }
  return total;
}

// Takes digits, and the separator behind them unless it is the last number; nothing where there are
// none, or more than is possible of an inner unit.
std::optional<double> take_clock_number(std::string_view& text, char separator, bool is_first) {
  const auto digits = take_digits(text);
  std::uint32_t number = 0;
  const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), number).ec;
  if (error != std::errc{} || (!is_first && number > 59)) return std::nullopt;
  if (separator == '\0') return number;
  if (!text.starts_with(separator)) return std::nullopt;
  text.remove_prefix(1);
  return number;
}

// 10:00, 1:00:00, 1-12, 1-12:30, 1-12:00:00: as Slurm has them.
std::optional<double> seconds_on_clock(std::string_view text) {
  const bool has_days = text.find('-') != text.npos;
  const auto colons = static_cast<std::size_t>(std::count(text.begin(), text.end(), ':'));
  if (colons > 2 || (!has_days && colons == 0)) return std::nullopt;
  double total = 0;
  double unit = has_days ? 86400 : colons == 2 ? 3600 : 60;
  const std::size_t count = colons + (has_days ? 2 : 1);
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_day = has_days && i == 0;
    const bool is_hour_of_day = has_days && i == 1;
    const char separator = i + 1 == count ? '\0' : is_day ? '-' : ':';
    const auto number = take_clock_number(text, separator, i == 0);
    if (!number || (is_hour_of_day && *number > 23)) return std::nullopt;
    total += *number * unit;
    unit /= is_day ? 24 : 60;
  }
  return text.empty() ? std::optional(total) : std::nullopt;
}

std::optional<double> seconds_in(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789:-") == text.npos &&
      text.find_first_of(":-") != text.npos) {
    return seconds_on_clock(text);
  }
  if (const auto bare = parse_real(text)) return std::signbit(*bare) ? std::nullopt : bare;
  return seconds_with_units(text);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto value = seconds_in(text);
  if (!value || !(*value <= hundred_years_seconds)) return std::nullopt;
  return from_seconds(*value);
}

std::string shortest(double value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace taskrun
