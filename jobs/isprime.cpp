// SPDX-License-Identifier: MIT
// Says of each of many numbers whether it is prime, in the order they are given: by the test of
// Miller and Rabin to bases that leave no doubt below 2^64.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/registry.hpp"

namespace {

using taskrun::uint128;

std::uint64_t times(std::uint64_t a, std::uint64_t b, std::uint64_t modulus) {
  return static_cast<std::uint64_t>(uint128{a} * b % modulus);
}

std::uint64_t power(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
  std::uint64_t result = 1;
  for (; exponent > 0; exponent /= 2, base = times(base, base, modulus)) {
    if (exponent % 2 == 1) result = times(result, base, modulus);
  }
  return result;
}

// Whether the odd number n looks prime to this base.
bool passes(std::uint64_t n, std::uint64_t base) {
  const int twos = std::countr_zero(n - 1);
  std::uint64_t x = power(base, (n - 1) >> twos, n);
  if (x == 1 || x == n - 1) return true;
  for (int i = 1; i < twos; ++i) {
    x = times(x, x, n);
    if (x == n - 1) return true;
  }
  return false;
}

bool is_prime(std::uint64_t n) {
  // No composite number below 2^64 passes to all of these (Sorenson and Webster, "Strong
  // pseudoprimes to twelve prime bases", 2015: below 3.1e23).
  constexpr std::array<std::uint64_t, 12> bases{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  for (const auto base : bases) {
    if (n % base == 0) return n == base;
  }
  return n > 1 &&
         std::all_of(bases.begin(), bases.end(), [n](auto base) { return passes(n, base); });
}

class IsPrime {
 public:
  void params(taskrun::Params& params) {
    numbers_.declare(params, "NUMBER", "what to test, below 2^64");
    params.example("97 561 18446744073709551557", "test three numbers");
    params.example("--file numbers.txt", "test the numbers of a file");
  }

  void check() const { numbers_.check(parsed); }

  taskrun::Lines dataset() const { return numbers_.lines(); }

  void emit(std::span<const taskrun::Line> part, taskrun::Output& out) const {
    for (const auto& line : part) {
      const std::uint64_t number = numbers_.read(line, parsed);
      out << number << '\t' << (is_prime(number) ? "true\n" : "false\n");
    }
  }

 private:
  static std::uint64_t parsed(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
      throw taskrun::usage_error(taskrun::shown(text) + " is not a whole number below 2^64");
    }
    return value;
  }

  taskrun::GivenValues numbers_{"numbers"};
};

}  // namespace

TASKRUN_JOB(isprime, "test numbers for being prime, in the order they are given", IsPrime)
