// SPDX-License-Identifier: MIT
#include "taskrun/job/number.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace taskrun {
namespace {

__extension__ using Wide = unsigned __int128;

struct Suffix {
  std::string_view text;
  std::uint64_t factor;
};
constexpr std::array<Suffix, 11> suffixes{{{"k", 1'000},
                                           {"K", 1'000},
                                           {"M", 1'000'000},
                                           {"G", 1'000'000'000},
                                           {"T", 1'000'000'000'000},
                                           {"P", 1'000'000'000'000'000},
                                           {"Ki", 1ULL << 10},
                                           {"Mi", 1ULL << 20},
                                           {"Gi", 1ULL << 30},
                                           {"Ti", 1ULL << 40},
                                           {"Pi", 1ULL << 50}}};

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
    const auto power = take_digits(text);
    int number = 0;
    // Powers of more than three digits never fit.
    if (power.empty() || power.size() > 3) return std::nullopt;
    std::from_chars(power.data(), power.data() + power.size(), number);
    return text.empty() ? scaled(digits, exponent + number) : std::nullopt;
  }
  for (const auto& suffix : suffixes) {
    if (text != suffix.text) continue;
    // 1.5Ki: the fraction must come out whole.
    const auto whole = scaled(digits, 0);
    const auto product = whole ? times(*whole, suffix.factor) : std::nullopt;
    return product ? scaled(std::to_string(*product), exponent) : std::nullopt;
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

std::optional<Duration> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view text;
    double seconds;
  };
  static constexpr std::array<Unit, 7> units{{{"ns", 1e-9},
                                              {"us", 1e-6},
                                              {"ms", 1e-3},
                                              {"min", 60},
                                              {"s", 1},
                                              {"h", 3600},
                                              {"d", 86400}}};
  double factor = 1;
  for (const auto& unit : units) {
    if (text.ends_with(unit.text)) {
      factor = unit.seconds;
      text.remove_suffix(unit.text.size());
      break;
    }
  }
  constexpr double hundred_years = 100 * 365.25 * 86400;
  const auto value = parse_real(text);
  if (!value || *value < 0 || *value * factor > hundred_years) return std::nullopt;
  return from_seconds(*value * factor);
}

std::string shortest(double value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace taskrun
