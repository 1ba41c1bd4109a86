// SPDX-License-Identifier: MIT
// A number as expressions compute with it: a whole number of any size, kept exactly, or a double.
// Whole numbers stay whole as long as the result is.
#pragma once

#include <gmpxx.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

namespace taskrun {

/// Small whole numbers, which are most, cost no allocation.
using Number = std::variant<std::int64_t, mpz_class, double>;

/// What cannot be computed: a division by zero, a power that is too large.
struct ArithmeticFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Number add(const Number& a, const Number& b);
Number subtract(const Number& a, const Number& b);
Number multiply(const Number& a, const Number& b);
/// Whole where it comes out even, else a double.
Number divide(const Number& a, const Number& b);
/// As Python's //: rounded down.
Number floor_divide(const Number& a, const Number& b);
/// As Python's %: has the sign of b.
Number modulo(const Number& a, const Number& b);
Number power(const Number& a, const Number& b);
Number negate(const Number& a);
/// Negative, zero or positive, as a is to b; throws where one is not a number.
int compare(const Number& a, const Number& b);

double as_double(const Number& number);
bool is_whole(const Number& number);
/// Digits, or the shortest text that reads back as the same double.
std::string text_of(const Number& number);
/// A decimal number, whole or not; throws std::invalid_argument for anything else.
Number number_from(std::string_view text);

}  // namespace taskrun
