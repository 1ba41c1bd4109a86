// SPDX-License-Identifier: MIT
// The product of a random sample in two ways, on one thread: as a balanced tree, which the job
// `product` does, and number by number from left to right, as one would write it first. Prints the
// seconds of both and their ratio, for 50,000 numbers below a million and for twice as many.
#include <gmpxx.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "product/permutation.hpp"

namespace {

using Numbers = std::vector<unsigned long>;

mpz_class in_order(const Numbers& numbers) {
  mpz_class product = 1;
  for (const auto number : numbers) product *= number;
  return product;
}

mpz_class as_tree(const Numbers& numbers, std::size_t begin, std::size_t end) {
  if (end - begin == 1) return mpz_class(numbers[begin]);
  const std::size_t middle = begin + (end - begin) / 2;
  return as_tree(numbers, begin, middle) * as_tree(numbers, middle, end);
}

template <class Work>
double seconds_of(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void compare(std::uint64_t count) {
  const taskrun::Permutation sample(999'999, 1);
  Numbers numbers;
  for (std::uint64_t place = 0; place < count; ++place) numbers.push_back(sample.at(place) + 1);
  mpz_class left, right;
  const double tree = seconds_of([&] { left = as_tree(numbers, 0, numbers.size()); });
  const double order = seconds_of([&] { right = in_order(numbers); });
  if (left != right) std::abort();
  std::printf("%lu numbers: as a tree %.4f s, in order %.4f s, ratio %.1f\n",
              static_cast<unsigned long>(count), tree, order, order / tree);
}

}  // namespace

int main() {
  compare(50'000);
  compare(100'000);
}
