// SPDX-License-Identifier: MIT
#include "taskrun/job/exact_sum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "taskrun/data/payload.hpp"

namespace taskrun::testing {
namespace {

double sum_of(const std::vector<double>& terms) {
  ExactSum sum;
  for (const double term : terms) sum.add(term);
  return sum.value();
}

TEST(ExactSumTest, what_cancels_leaves_what_is_small) {
  EXPECT_EQ(sum_of({1e100, 1.0, -1e100}), 1.0);
  EXPECT_EQ(sum_of({1e308, 5e-324, -1e308}), 5e-324);
  EXPECT_EQ(sum_of({0.1, 0.2, -0.3}), 2.7755575615628914e-17);  // their doubles, exactly
  EXPECT_EQ(sum_of({}), 0.0);
  EXPECT_EQ(sum_of({-0.5, -0.25}), -0.75);
}

TEST(ExactSumTest, ends_of_the_range_are_right) {
  const double largest = std::numeric_limits<double>::max();
  EXPECT_EQ(sum_of({largest}), largest);
  EXPECT_EQ(sum_of({-largest}), -largest);
  EXPECT_EQ(sum_of({largest, largest}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(sum_of({largest, largest, -largest}), largest);
  EXPECT_EQ(sum_of({5e-324, 5e-324}), 1e-323);
  EXPECT_EQ(sum_of({-2.5e-310, 1e-310}), -1.5e-310);
}

TEST(ExactSumTest, halves_are_rounded_to_even_and_more_than_half_up) {
  const double ulp = std::ldexp(1.0, -52);
  EXPECT_EQ(sum_of({1.0, ulp / 2}), 1.0);
  EXPECT_EQ(sum_of({1.0, ulp / 2, 1e-300}), 1.0 + ulp);
  EXPECT_EQ(sum_of({1.0 + ulp, ulp / 2}), 1.0 + 2 * ulp);
  EXPECT_EQ(sum_of({1.0 + ulp, ulp / 2, -1e-300}), 1.0 + ulp);
}

TEST(ExactSumTest, infinities_and_what_is_no_number_stay) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(sum_of({1, infinity, 2}), infinity);
  EXPECT_TRUE(std::isnan(sum_of({infinity, -infinity})));
  EXPECT_TRUE(std::isnan(sum_of({1, std::nan("")})));
}

TEST(ExactSumTest, any_order_and_any_split_give_the_same_bits) {
  std::mt19937_64 random(3);
  std::vector<double> terms(1000);
  for (auto& term : terms) {
    term = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 600) - 300) *
           (random() % 2 == 0 ? 1 : -1);
  }
  const double expected = sum_of(terms);
  for (int turn = 0; turn < 20; ++turn) {
    std::shuffle(terms.begin(), terms.end(), random);
    ExactSum left;
    ExactSum right;
    const auto middle = terms.begin() + static_cast<std::ptrdiff_t>(random() % terms.size());
    std::for_each(terms.begin(), middle, [&](double term) { left.add(term); });
    std::for_each(middle, terms.end(), [&](double term) { right.add(term); });
    Bytes bytes;
    encode(right, bytes);
    left.add(decode<ExactSum>(bytes));
    EXPECT_EQ(left.value(), expected);
  }
}

}  // namespace
}  // namespace taskrun::testing
