// SPDX-License-Identifier: MIT
#include "shared/number.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

// Powers of more bits than this are refused: 1 MB of digits are a mistake, and would fill memory.
constexpr double most_power_bits = 8e6;

mpz_class as_big(const Number& number) {
  if (const auto* small = std::get_if<std::int64_t>(&number)) return mpz_class(long{*small});
  return std::get<mpz_class>(number);
}

Number shortened(mpz_class big) {
  if (big.fits_slong_p()) return std::int64_t{big.get_si()};
  return big;
}

// small(a, b, result) says whether it overflowed; then, and for big numbers, big does it.
template <class Small, class Big, class Real>
Number apply(const Number& a, const Number& b, Small small, Big big, Real real) {
  const auto* x = std::get_if<std::int64_t>(&a);
  const auto* y = std::get_if<std::int64_t>(&b);
  if (std::int64_t result = 0; x != nullptr && y != nullptr && !small(*x, *y, &result))
    return result;
  if (is_whole(a) && is_whole(b)) return shortened(big(as_big(a), as_big(b)));
  return real(as_double(a), as_double(b));
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
      [](const mpz_class& x, const mpz_class& y) { return mpz_class(x * y); },
      [](double x, double y) { return x * y; });
}

Number divide(const Number& a, const Number& b) {
  require_divisor(b);
  if (is_whole(a) && is_whole(b)) {
    const mpz_class x = as_big(a);
    const mpz_class y = as_big(b);
    if (mpz_divisible_p(x.get_mpz_t(), y.get_mpz_t()) != 0) return shortened(x / y);
  }
  return as_double(a) / as_double(b);
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
      [](double x, double y) { return std::floor(x / y); });
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
      [](double x, double y) {
        const double rest = std::fmod(x, y);
        return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
      });
}

Number power(const Number& a, const Number& b) {
  const auto* exponent = std::get_if<std::int64_t>(&b);
  if (!is_whole(a) || exponent == nullptr || *exponent < 0) {
    if (is_zero(a) && as_double(b) < 0) throw ArithmeticFailure("division by zero");
    return std::pow(as_double(a), as_double(b));
  }
  const mpz_class base = as_big(a);
  const auto bits = static_cast<double>(mpz_sizeinbase(base.get_mpz_t(), 2));
  if (abs(base) > 1 && bits * static_cast<double>(*exponent) > most_power_bits) {
    throw ArithmeticFailure("a power of more than a million digits");
  }
  mpz_class result;
  mpz_pow_ui(result.get_mpz_t(), base.get_mpz_t(), static_cast<unsigned long>(*exponent));
  return shortened(result);
}

Number negate(const Number& a) { return subtract(std::int64_t{0}, a); }

int compare(const Number& a, const Number& b) {
  const Number rest = subtract(a, b);
  if (std::isnan(as_double(rest))) throw ArithmeticFailure("a comparison with what is no number");
  return std::visit([](const auto& value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }, rest);
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
