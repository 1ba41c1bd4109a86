// SPDX-License-Identifier: MIT
#include "shared/number.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

// A million digits. Larger products are refused before they are made: they are a mistake, and would
// fill memory and time.
constexpr double most_bits = 3'321'929;
constexpr std::size_t most_digits = 1'000'000;
constexpr const char* too_many_digits = "a whole number of more than a million digits";

mpz_class as_big(const Number& number) {
  if (const auto* small = std::get_if<std::int64_t>(&number)) return mpz_class(long{*small});
  return std::get<mpz_class>(number);
}

std::size_t bit_count(const mpz_class& big) { return mpz_sizeinbase(big.get_mpz_t(), 2); }

Number shortened(mpz_class big) {
  if (big.fits_slong_p()) return std::int64_t{big.get_si()};
  return big;
}

double valid(double result) {
  if (std::isnan(result)) throw ArithmeticFailure("the result is no number");
  return result;
}

// small(a, b, result) says whether it overflowed; then, and for big numbers, big does it.
template <class Small, class Big, class Real>
Number apply(const Number& a, const Number& b, Small small, Big big, Real real) {
  const auto* x = std::get_if<std::int64_t>(&a);
  const auto* y = std::get_if<std::int64_t>(&b);
  if (std::int64_t result = 0; x != nullptr && y != nullptr && !small(*x, *y, &result))
    return result;
  if (is_whole(a) && is_whole(b)) return shortened(big(as_big(a), as_big(b)));
  return valid(real(as_finite_double(a), as_finite_double(b)));
}

// The nearest double; GMP's own conversion cuts off.
double nearest(const mpz_class& big) {
  const mpz_class size = abs(big);
  const std::size_t bits = mpz_sizeinbase(size.get_mpz_t(), 2);
  if (bits <= 53) return big.get_d();
  if (bits > 1025) return big < 0 ? -HUGE_VAL : HUGE_VAL;
  const std::size_t cut = bits > 64 ? bits - 64 : 0;
  const mpz_class head = size >> cut;
  // What is cut off only decides between two neighbours in the middle of which the head ends.
  const bool below = mpz_scan1(size.get_mpz_t(), 0) < cut;
  const auto value = static_cast<double>(head.get_ui() | (below ? 1 : 0));
  return std::ldexp(big < 0 ? -value : value, static_cast<int>(cut));
}

// The double nearest to a / b, neither zero. Both may be too large for doubles.
double quotient(const mpz_class& a, const mpz_class& b) {
  constexpr long least_exponent = -1074;  // of a double
  constexpr std::size_t mantissa_bits = 53;
  // a / b = (whole + rest / divisor) * 2^exponent, where whole has 55 or 56 bits, or fewer.
  const auto length = static_cast<long>(bit_count(a)) - static_cast<long>(bit_count(b));
  const long exponent = std::max(length - 55, least_exponent);
  mpz_class dividend = abs(a);
  mpz_class divisor = abs(b);
  if (exponent > 0) divisor <<= static_cast<unsigned long>(exponent);
  if (exponent < 0) dividend <<= static_cast<unsigned long>(-exponent);
  const mpz_class whole = dividend / divisor;
  const mpz_class rest = dividend % divisor;
  const std::size_t cut = std::max(bit_count(whole), mantissa_bits) - mantissa_bits;
  // To the nearest, of two as near to the even one.
  const mpz_class unit = divisor << cut;
  const mpz_class kept = whole >> cut;
  const mpz_class left = ((whole - (kept << cut)) * divisor + rest) * 2;
  const bool up = left > unit || (left == unit && mpz_odd_p(kept.get_mpz_t()) != 0);
  const double value = std::ldexp(static_cast<double>(kept.get_ui() + (up ? 1 : 0)),
                                  static_cast<int>(exponent + static_cast<long>(cut)));
  return (a < 0) != (b < 0) ? -value : value;
}

// Both parts at once, as Python has them: the quotient rounded down, and the rest, which has the
// sign of the divisor.
struct FloorDivision {
  double quotient;
  double rest;
};
FloorDivision floor_division(double a, double b) {
  double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest == 0) {
    rest = std::copysign(0.0, b);
  } else if ((b < 0) != (rest < 0)) {
    rest += b;
    quotient -= 1;
  }
  if (quotient == 0) return {std::copysign(0.0, a / b), rest};
  const double down = std::floor(quotient);
  return {quotient - down > 0.5 ? down + 1 : down, rest};
}

bool is_zero(const Number& number) {
  return std::visit([](const auto& value) { return value == 0; }, number);
}

void require_divisor(const Number& b) {
  if (is_zero(b)) throw ArithmeticFailure("division by zero");
}

// Division is rare enough to do without a shortcut.
constexpr auto never_small = [](std::int64_t, std::int64_t, std::int64_t*) { return true; };

}  // namespace

bool is_whole(const Number& number) { return !std::holds_alternative<double>(number); }

double as_double(const Number& number) {
  if (const auto* small = std::get_if<std::int64_t>(&number)) return static_cast<double>(*small);
  if (const auto* big = std::get_if<mpz_class>(&number)) return nearest(*big);
  return std::get<double>(number);
}

double as_finite_double(const Number& number) {
  const double value = as_double(number);
  if (is_whole(number) && std::isinf(value)) {
    throw ArithmeticFailure("a whole number that is too large to be computed with fractions");
  }
  return value;
}

Number whole_of(double value) { return shortened(mpz_class(value)); }

Number add(const Number& a, const Number& b) {
  return apply(
      a, b, [](auto x, auto y, auto* sum) { return __builtin_add_overflow(x, y, sum); },
      [](const mpz_class& x, const mpz_class& y) { return mpz_class(x + y); },
      [](double x, double y) { return x + y; });
}

Number subtract(const Number& a, const Number& b) {
  return apply(
      a, b, [](auto x, auto y, auto* rest) { return __builtin_sub_overflow(x, y, rest); },
      [](const mpz_class& x, const mpz_class& y) { return mpz_class(x - y); },
      [](double x, double y) { return x - y; });
}

Number multiply(const Number& a, const Number& b) {
  return apply(
      a, b, [](auto x, auto y, auto* product) { return __builtin_mul_overflow(x, y, product); },
      [](const mpz_class& x, const mpz_class& y) {
        if (static_cast<double>(bit_count(x)) + static_cast<double>(bit_count(y)) > most_bits + 2) {
          throw ArithmeticFailure(too_many_digits);
        }
        return mpz_class(x * y);
      },
      [](double x, double y) { return x * y; });
}

Number divide(const Number& a, const Number& b) {
  require_divisor(b);
  if (!is_whole(a) || !is_whole(b)) return valid(as_finite_double(a) / as_finite_double(b));
  if (is_zero(a)) return std::int64_t{0};
  const mpz_class x = as_big(a);
  const mpz_class y = as_big(b);
  if (mpz_divisible_p(x.get_mpz_t(), y.get_mpz_t()) != 0) return shortened(x / y);
  const double value = quotient(x, y);
  if (std::isinf(value)) throw ArithmeticFailure("a quotient that is too large");
  return value;
}

Number floor_divide(const Number& a, const Number& b) {
  require_divisor(b);
  return apply(
      a, b, never_small,
      [](const mpz_class& x, const mpz_class& y) {
        mpz_class quotient;
        mpz_fdiv_q(quotient.get_mpz_t(), x.get_mpz_t(), y.get_mpz_t());
        return quotient;
      },
      [](double x, double y) { return floor_division(x, y).quotient; });
}

Number modulo(const Number& a, const Number& b) {
  require_divisor(b);
  return apply(
      a, b, never_small,
      [](const mpz_class& x, const mpz_class& y) {
        mpz_class rest;
        mpz_fdiv_r(rest.get_mpz_t(), x.get_mpz_t(), y.get_mpz_t());
        return rest;
      },
      [](double x, double y) { return floor_division(x, y).rest; });
}

namespace {

Number whole_power(const mpz_class& base, const Number& exponent) {
  if (abs(base) <= 1) {
    if (base == 1 || is_zero(exponent)) return std::int64_t{1};
    if (base == 0) return std::int64_t{0};
    return is_zero(modulo(exponent, std::int64_t{2})) ? std::int64_t{1} : std::int64_t{-1};
  }
  long twos = 0;
  const double head = mpz_get_d_2exp(&twos, base.get_mpz_t());
  const double bits = std::log2(std::fabs(head)) + static_cast<double>(twos);
  if (bits * as_double(exponent) > most_bits) throw ArithmeticFailure(too_many_digits);
  mpz_class result;
  mpz_pow_ui(result.get_mpz_t(), base.get_mpz_t(), as_big(exponent).get_ui());
  return shortened(std::move(result));
}

}  // namespace

Number power(const Number& a, const Number& b) {
  const bool is_negative = compare(b, std::int64_t{0}) < 0;
  if (is_whole(a) && is_whole(b) && !is_negative) return whole_power(as_big(a), b);
  const double base = as_finite_double(a);
  const double exponent = as_finite_double(b);
  if (base == 0 && is_negative && std::isfinite(exponent)) {
    throw ArithmeticFailure("division by zero");
  }
  const double value = std::pow(base, exponent);
  if (std::isnan(value)) throw ArithmeticFailure("a root of a negative number");
  if (std::isinf(value) && std::isfinite(base) && std::isfinite(exponent)) {
    throw ArithmeticFailure("a power that is too large");
  }
  return value;
}

// 0 - 0.0 is not -0.0.
Number negate(const Number& a) {
  if (const auto* real = std::get_if<double>(&a)) return -*real;
  return subtract(std::int64_t{0}, a);
}

namespace {

// Exactly: no whole number is rounded.
int compare_mixed(const Number& whole, double real) {
  const auto sign = [](auto value) { return value < 0 ? -1 : value > 0 ? 1 : 0; };
  constexpr std::int64_t exact_below = std::int64_t{1} << 53;
  const auto* small = std::get_if<std::int64_t>(&whole);
  if (small != nullptr && -exact_below < *small && *small < exact_below) {
    const auto value = static_cast<double>(*small);
    return value < real ? -1 : value > real ? 1 : 0;
  }
  return sign(mpz_cmp_d(as_big(whole).get_mpz_t(), real));
}

}  // namespace

int compare(const Number& a, const Number& b) {
  const auto* x = std::get_if<std::int64_t>(&a);
  const auto* y = std::get_if<std::int64_t>(&b);
  if (x != nullptr && y != nullptr) return *x < *y ? -1 : *x > *y ? 1 : 0;
  if (is_whole(a) && is_whole(b)) return cmp(as_big(a), as_big(b));
  if (is_whole(a)) return compare_mixed(a, valid(as_double(b)));
  if (is_whole(b)) return -compare_mixed(b, valid(as_double(a)));
  const double u = valid(as_double(a));
  const double v = valid(as_double(b));
  return u < v ? -1 : u > v ? 1 : 0;
}

std::string text_of(const Number& number) {
  if (const auto* big = std::get_if<mpz_class>(&number)) return big->get_str();
  if (const auto* small = std::get_if<std::int64_t>(&number)) return std::to_string(*small);
  return shortest(std::get<double>(number));
}

Number number_from(std::string_view text) {
  const std::invalid_argument failure("no number");
  // As from_chars reads it, but for the sign: none follows it.
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) throw failure;
  }
  const char* const end = text.data() + text.size();
  std::int64_t small = 0;
  const auto whole = std::from_chars(text.data(), end, small);
  if (whole.ptr == end && whole.ec == std::errc{}) return small;
  if (whole.ptr == end && whole.ec == std::errc::result_out_of_range) {
    // Sums of such numbers are a little longer.
    if (text.size() > 2 * most_digits) throw std::invalid_argument(too_many_digits);
    return mpz_class(std::string(text), 10);
  }
  double real = 0;
  const auto decimal = std::from_chars(text.data(), end, real);
  if (decimal.ptr != end || text.empty()) throw failure;
  if (decimal.ec == std::errc::result_out_of_range) {
    // What is too small is nearly zero; what is too large for a double is refused.
    real = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(real)) throw std::invalid_argument("too large for a number with a fraction");
  }
  if (decimal.ec == std::errc::invalid_argument || !std::isfinite(real)) throw failure;
  return real;
}

}  // namespace taskrun
