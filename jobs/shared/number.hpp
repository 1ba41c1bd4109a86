// SPDX-License-Identifier: MIT
// A number as expressions compute with it: a whole number of up to a million digits, kept exactly,
// or a double. All operations are those of Python's int and float, with its roundings and errors,
// but for these:
// - a / b is whole where whole numbers come out even (else, as there, the double nearest to the
// exact
//   quotient);
// - what would be no number (inf - inf) is a failure, so none ever is;
// - a product or power of more than a million digits is a failure, before it is made.
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

/// What cannot be computed: a division by zero, a power that is too large, a whole number beyond
/// doubles beside one with a fraction.
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
/// Negative, zero or positive, as a is to b, exactly.
int compare(const Number& a, const Number& b);

/// The nearest; infinite for whole numbers beyond doubles.
double as_double(const Number& number);
/// Likewise; throws ArithmeticFailure for those.
double as_finite_double(const Number& number);
/// A finite double without a fraction, exactly.
Number whole_of(double value);
bool is_whole(const Number& number);
/// Digits, or the shortest text that reads back as the same double.
std::string text_of(const Number& number);
/// A decimal number, whole or not, with a sign or without; throws std::invalid_argument, whose text
/// says what it is instead ("no number"), for anything else.
Number number_from(std::string_view text);

}  // namespace taskrun
