// SPDX-License-Identifier: MIT
// What the sieve must find, worked out slowly: each number on its own, by definition.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace taskrun::testing {

__extension__ using Wide = unsigned __int128;

inline std::uint64_t power(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
  Wide result = 1;
  for (Wide square = base % modulus; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = result * square % modulus;
    square = square * square % modulus;
  }
  return static_cast<std::uint64_t>(result);
}

// Whether the odd n = d * 2^twos + 1 passes the test of Miller and Rabin to this base.
inline bool passes(std::uint64_t n, std::uint64_t d, int twos, std::uint64_t base) {
  Wide x = power(base, d, n);
  if (x == 1) return true;
  for (int i = 0; i < twos; ++i) {
    if (x == n - 1) return true;
    x = x * x % n;
  }
  return false;
}

/// Exact: no composite number below 3.3e24 passes to the first 13 primes (Sorenson and Webster,
/// "Strong pseudoprimes to twelve prime bases", 2015).
inline bool is_prime(std::uint64_t n) {
  constexpr std::array<std::uint64_t, 13> bases{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41};
  if (n < 2) return false;
  for (const auto base : bases) {
    if (n % base == 0) return n == base;
  }
  std::uint64_t d = n - 1;
  int twos = 0;
  for (; d % 2 == 0; d /= 2) ++twos;
  return std::all_of(bases.begin(), bases.end(),
                     [&](std::uint64_t base) { return passes(n, d, twos, base); });
}

/// The primes in [from, limit].
inline std::vector<std::uint64_t> primes_in(std::uint64_t from, std::uint64_t limit) {
  std::vector<std::uint64_t> primes;
  for (std::uint64_t n = from; n < limit; ++n) {
    if (is_prime(n)) primes.push_back(n);
  }
  if (is_prime(limit)) primes.push_back(limit);
  return primes;
}

/// The distances from the first prime of a tuplet to the others.
using Pattern = std::vector<std::uint64_t>;

/// The patterns of k primes as close together as k large primes can be.
inline std::vector<Pattern> patterns(std::uint64_t k) {
  switch (k) {
    case 2:
      return {{2}};
    case 3:
      return {{2, 6}, {4, 6}};
    case 4:
      return {{2, 6, 8}};
    case 5:
      return {{2, 6, 8, 12}, {4, 6, 10, 12}};
    case 6:
      return {{4, 6, 10, 12, 16}};
    default:
      return {{}};
  }
}

/// How many tuplets of k primes have all their members among these, which are all of an interval.
inline std::uint64_t count_tuplets(const std::vector<std::uint64_t>& primes, std::uint64_t k) {
  std::uint64_t count = 0;
  for (const auto& pattern : patterns(k)) {
    for (const auto first : primes) {
      count += std::all_of(pattern.begin(), pattern.end(), [&](std::uint64_t distance) {
        return std::binary_search(primes.begin(), primes.end(), first + distance);
      });
    }
  }
  return count;
}

inline Wide sum_of(const std::vector<std::uint64_t>& primes) {
  Wide sum = 0;
  for (const auto prime : primes) sum += prime;
  return sum;
}

inline std::string decimal(Wide n) {
  std::string digits;
  for (; n > 9; n /= 10) digits += static_cast<char>('0' + static_cast<int>(n % 10));
  digits += static_cast<char>('0' + static_cast<int>(n));
  return {digits.rbegin(), digits.rend()};
}

inline std::string lines_of(const std::vector<std::uint64_t>& primes) {
  std::string lines;
  for (const auto prime : primes) lines += std::to_string(prime) + "\n";
  return lines;
}

}  // namespace taskrun::testing
