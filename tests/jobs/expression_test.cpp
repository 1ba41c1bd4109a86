// SPDX-License-Identifier: MIT
#include "shared/expression.hpp"

#include <gtest/gtest.h>

#include <random>

#include "refusal.hpp"

namespace taskrun::testing {
namespace {

const std::vector<std::string> names{"i", "x", "two words"};

std::string value(const std::string& text, const Number& i = std::int64_t{7}) {
  const std::vector<Number> values{i, 0.5, std::int64_t{3}};
  return text_of(Expression(text, names)(values));
}

TEST(ExpressionTest, operators_bind_as_in_mathematics) {
  EXPECT_EQ(value("1+2*3"), "7");
  EXPECT_EQ(value("(1+2)*3"), "9");
  EXPECT_EQ(value("10-4-3"), "3");
  EXPECT_EQ(value("2^3^2"), "512");
  EXPECT_EQ(value("-2^2"), "-4");
  EXPECT_EQ(value("2**-1"), "0.5");
  EXPECT_EQ(value("2*-3"), "-6");
  EXPECT_EQ(value("i < 8 && i != 6 || 0"), "1");
  EXPECT_EQ(value("!(i >= 7) + 5"), "5");
  EXPECT_EQ(value("i > 5 ? i == 7 ? 1 : 2 : 3"), "1");
  EXPECT_EQ(value("`two words` * x"), "1.5");
}

TEST(ExpressionTest, whole_numbers_stay_exact) {
  EXPECT_EQ(value("i^5", std::int64_t{100'000}), "10000000000000000000000000");
  EXPECT_EQ(value("i*i - (i-1)*(i+1)", INT64_MAX), "1");
  EXPECT_EQ(value("i + 1", INT64_MAX), "9223372036854775808");
  EXPECT_EQ(value("-i - 2", INT64_MAX), "-9223372036854775809");
  EXPECT_EQ(value("123456789012345678901234567890 % 1000"), "890");
  EXPECT_EQ(value("2^64 // 2^63"), "2");
}

TEST(ExpressionTest, division_is_whole_where_it_comes_out_even) {
  EXPECT_EQ(value("6/3"), "2");
  EXPECT_EQ(value("1/3"), "0.3333333333333333");
  EXPECT_EQ(value("-7//2"), "-4");
  EXPECT_EQ(value("-7%3"), "2");
  EXPECT_EQ(value("7%-3"), "-2");
  EXPECT_EQ(value("-7.5%2"), "0.5");
}

TEST(ExpressionTest, functions_are_there) {
  EXPECT_EQ(value("sqrt(2)"), "1.4142135623730951");
  EXPECT_EQ(value("max(i, 3) + min(i, 3)"), "10");
  EXPECT_EQ(value("abs(-i) + abs(-0.5)"), "7.5");
  EXPECT_EQ(value("floor(-2.5) * 100 + ceil(2.5) * 10 + round(2.5)"), "-268");
  EXPECT_EQ(value("floor(1e20)"), "100000000000000000000");
  EXPECT_EQ(value("log10(1000) + cos(0) + exp(0)"), "5");
}

TEST(ExpressionTest, big_numbers_become_the_nearest_doubles) {
  // 2^53 + 1 lies between two doubles: to even; a little more: up.
  EXPECT_EQ(as_double(number_from("9007199254740993")), 9007199254740992.0);
  EXPECT_EQ(as_double(number_from("92233720368547768321000")), 92233720368547768321000.0);
  EXPECT_EQ(as_double(number_from("-92233720368547768321000")), -92233720368547768321000.0);
  EXPECT_EQ(as_double(number_from("1" + std::string(400, '0'))), HUGE_VAL);
}

TEST(ExpressionTest, what_cannot_be_computed_says_so) {
  for (const char* text : {"1/0", "1//0", "i%0", "0^-1", "10^10000000", "1/(i-7)"}) {
    EXPECT_THROW(value(text), ArithmeticFailure) << text;
  }
  // Doubles become infinite; 1e9 is one.
  EXPECT_EQ(value("1e300*1e300"), "inf");
  EXPECT_EQ(value("10^1e9"), "inf");
}

TEST(ExpressionTest, the_fast_way_gives_the_same_or_nothing) {
  std::mt19937_64 random(12);
  const std::vector<std::string> texts{"i*i+3", "i^3-i", "-i//7", "i%7+(-i)%5", "(i<5)+(i>=2)*2",
                                       "2^i",   "i/3",   "i*0.5", "-7//2*i",    "i-i*i"};
  int fast = 0;
  for (const auto& text : texts) {
    const Expression expression(text, {"i"});
    for (int turn = 0; turn < 2000; ++turn) {
      const auto i = static_cast<std::int64_t>(random()) >> random() % 64;
      const auto found = expression.whole({&i, 1});
      if (!found) continue;
      ++fast;
      const Number number = i;
      ASSERT_EQ(std::to_string(*found), text_of(expression({&number, 1}))) << text << ' ' << i;
    }
  }
  EXPECT_GT(fast, 5000);
}

TEST(ExpressionTest, mistakes_are_shown_with_their_place) {
  const auto refusal = [](const std::string& text) {
    return refusal_of([&] { Expression(text, names); });
  };
  EXPECT_EQ(refusal("i +"), "'i +', character 4: something is missing at the end");
  EXPECT_EQ(refusal("(i"), "'(i', character 3: a ) is missing");
  EXPECT_EQ(refusal("i i"), "'i i', character 3: an operator is missing");
  EXPECT_EQ(refusal("i $ 2"), "'i $ 2', character 3: an operator is missing");
  EXPECT_EQ(refusal("1.2.3"), "'1.2.3', character 1: this is no number");
  EXPECT_EQ(refusal("foo*2"), "'foo*2': there is no 'foo'; there are i, x, two words");
  EXPECT_EQ(refusal("max(1)"), "'max(1)', character 6: a , is missing");
  EXPECT_NE(refusal(""), "not refused");
  EXPECT_NE(refusal(std::string(10'000, '(')).find("too many"), std::string::npos);
  EXPECT_NE(refusal(std::string(10'000, '-') + "1").find("too many"), std::string::npos);
}

TEST(ExpressionTest, random_text_is_read_or_refused) {
  std::mt19937 random(5);
  const std::string letters = "i x0.1e+-*/%^()<>=!&|?:,`sqrt ";
  for (int turn = 0; turn < 20'000; ++turn) {
    std::string text;
    for (auto size = random() % 12; size > 0; --size) text += letters[random() % letters.size()];
    try {
      value(text);
    } catch (const Error&) {
    } catch (const ArithmeticFailure&) {
    }
  }
}

}  // namespace
}  // namespace taskrun::testing
