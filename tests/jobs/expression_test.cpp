// SPDX-License-Identifier: MIT
#include "shared/expression.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <sstream>

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
  for (const char* text :
       {"1/0", "1//0", "i%0", "0^-1", "1/(i-7)", "10^10000000", "2^(2^64)", "10^1e9", "(-8)^0.5",
        "9^600000*9^600000", "10^400*1.0", "10^400/0.5", "10^400/1e-3", "10^700/(10^300+1)",
        "sqrt(-1)", "log(0)", "exp(1000)", "1e300*1e300-1e300*1e300", "floor(1e300*1e300)"}) {
    EXPECT_THROW(value(text), ArithmeticFailure) << text;
  }
  // Doubles become infinite.
  EXPECT_EQ(value("1e300*1e300"), "inf");
}

TEST(ExpressionTest, fractions_and_whole_numbers_mean_what_they_do_in_python) {
  EXPECT_EQ(value("1.0//0.1"), "9");
  EXPECT_EQ(value("1.0%0.1"), "0.09999999999999995");
  EXPECT_EQ(value("-1.5//0.5"), "-3");
  EXPECT_EQ(value("10^400/(3*10^399)"), "3.3333333333333335");
  EXPECT_EQ(value("10^400/(10^400+1)"), "1");
  EXPECT_EQ(value("1/(3*2^1074)"), "0");
  EXPECT_EQ(value("-3/2^1076"), "-5e-324");
  EXPECT_EQ(value("(2^53+1)/3.0"), "3002399751580330.5");
  EXPECT_EQ(value("(2^63-1) < 2.0^63"), "1");
  EXPECT_EQ(value("2^53+1 == 2.0^53"), "0");
  EXPECT_EQ(value("10^400 > 1e300"), "1");
  EXPECT_EQ(value("1^(2^64) + (-1)^(2^64+1) + 0^(2^64)"), "0");
  EXPECT_EQ(value("-0.0"), "-0");
}

TEST(ExpressionTest, only_what_matters_is_computed) {
  EXPECT_EQ(value("i == 7 ? 0 : 1/(i-7)"), "0");
  EXPECT_EQ(value("i != 7 && 1/(i-7) > 0"), "0");
  EXPECT_EQ(value("i == 7 || 1/(i-7) > 0"), "1");
  EXPECT_EQ(value("0 || i"), "1");
  EXPECT_EQ(value("1 && i && 0 || 3"), "1");
  EXPECT_EQ(value("0 ? 1 : 0 ? 2 : 3"), "3");
}

// i12 or d0x1.8p+1, as the reference has it; ! where there is no value.
std::string in_short(const std::string& text) {
  static const std::vector<std::string> variables{"a", "b", "x", "y", "z"};
  static const std::vector<Number> values{std::int64_t{7}, std::int64_t{-3}, 0.5,
                                          number_from("9223372036854775808"),
                                          number_from("1" + std::string(400, '0'))};
  try {
    const Number number = Expression(text, variables)(values);
    if (is_whole(number)) return "i" + text_of(number);
    std::ostringstream out;
    out << 'd' << std::hexfloat << as_double(number);
    return out.str();
  } catch (const ArithmeticFailure&) {
    return "!";
  }
}

TEST(ExpressionTest, random_expressions_have_the_values_that_python_gives_them) {
  if (std::system("python3 -c '' 2>/dev/null") != 0) GTEST_SKIP() << "there is no python3";
  const std::string command = "python3 " TASKRUN_EXPRESSION_REFERENCE " 11 1500";
  const std::unique_ptr<FILE, int (*)(FILE*)> told(popen(command.c_str(), "re"), pclose);
  ASSERT_TRUE(told);
  std::string all;
  for (int c = std::fgetc(told.get()); c != EOF; c = std::fgetc(told.get())) {
    all += static_cast<char>(c);
  }
  std::istringstream lines(all);
  int count = 0;
  for (std::string text, expected; std::getline(lines, text, '\t') && lines >> expected >> std::ws;
       ++count) {
    const std::string found = in_short(text);
    if (expected.starts_with('d') && found.starts_with('d')) {
      ASSERT_EQ(std::strtod(&found[1], nullptr), std::strtod(&expected[1], nullptr)) << text;
    } else {
      ASSERT_EQ(found, expected) << text;
    }
  }
  EXPECT_EQ(count, 1500);
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
  EXPECT_EQ(refusal("foo*2"), "'foo*2': there is no 'foo'; known names: i, x, two words");
  EXPECT_EQ(refusal("max(1)"), "'max(1)', character 6: a , is missing");
  EXPECT_EQ(refusal("1 < x < i"),
            "'1 < x < i', character 7: comparisons make no chain: write a < b && b < c");
  EXPECT_EQ(refusal("(1 < x) < i"), "not refused");
  EXPECT_EQ(refusal("1e999"),
            "'1e999', character 1: this is too large for a number with a fraction");
  for (const char* text : {"1e", "1e+", "2e3e4", "1..2", ".", "0x10", "1_000", "2i"}) {
    EXPECT_NE(refusal(text), "not refused") << text;
  }
  EXPECT_NE(refusal(""), "not refused");
  EXPECT_NE(refusal(std::string(10'000, '(')).find("too many"), std::string::npos);
  EXPECT_NE(refusal(std::string(10'000, '-') + "1").find("too many"), std::string::npos);
}

TEST(ExpressionTest, random_text_throws_nothing_but_refusals) {
  std::mt19937 random(5);
  const std::string letters = "i x0.1e+-*/%^()<>=!&|?:,`sqrt ";
  int read = 0, refused = 0;
  for (int turn = 0; turn < 20'000; ++turn) {
    std::string text;
    for (auto size = random() % 12; size > 0; --size) text += letters[random() % letters.size()];
    try {
      value(text);
      ++read;
    } catch (const Error&) {
      ++refused;
    } catch (const ArithmeticFailure&) {
      ++read;
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace taskrun::testing
