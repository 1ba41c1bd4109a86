// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <set>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "product/permutation.hpp"
#include "reference.hpp"
#include "refusal.hpp"

void register_job_product(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> product(const Options& options) {
  return make_job(register_job_product, options);
}

// Multiplies decimal digits as on paper.
std::string times(const std::string& digits, std::uint64_t factor) {
  std::string result;
  std::uint64_t carry = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend() || carry > 0;) {
    if (digit != digits.rend()) carry += static_cast<std::uint64_t>(*digit++ - '0') * factor;
    result.insert(result.begin(), static_cast<char>('0' + carry % 10));
    carry /= 10;
  }
  return result;
}

TEST(PermutationTest, every_number_comes_once) {
  for (std::uint64_t size = 1; size < 300; ++size) {
    const Permutation permutation(size, 42);
    std::set<std::uint64_t> seen;
    for (std::uint64_t place = 0; place < size; ++place) {
      const auto number = permutation.at(place);
      EXPECT_LT(number, size);
      EXPECT_TRUE(seen.insert(number).second) << number << " twice of " << size;
    }
  }
}

TEST(PermutationTest, samples_are_spread_evenly) {
  // Of 2000 seeds, the first 3 of 10 numbers: each 600 times, with a standard deviation of 20.
  std::array<int, 10> drawn{};
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    for (std::uint64_t place = 0; place < 3; ++place) ++drawn[Permutation(10, seed).at(place)];
  }
  for (const int count : drawn) EXPECT_NEAR(count, 600, 100);
}

TEST(PermutationTest, numbers_of_64_bits_are_permuted) {
  const Permutation permutation(~std::uint64_t{0}, 1);
  std::set<std::uint64_t> seen;
  for (std::uint64_t place = 0; place < 1000; ++place) seen.insert(permutation.at(place));
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_GT(*seen.rbegin(), std::uint64_t{1} << 63);
}

TEST(ProductTest, all_numbers_below_make_the_factorial) {
  const auto digits = [](const Options& options) {
    const auto job = product(options);
    return printed(*job, run_serially(*job, 3));
  };
  EXPECT_EQ(digits({{"count", "20"}, {"below", "21"}, {"digits", ""}}), "2432902008176640000");
  EXPECT_EQ(digits({{"count", "30"}, {"below", "31"}, {"digits", ""}, {"seed", "9"}}),
            "265252859812191058636308480000000");
}

TEST(ProductTest, the_product_is_that_of_multiplying_on_paper) {
  std::string expected = "1";
  const Permutation sample(999'999, 7);
  for (std::uint64_t place = 0; place < 300; ++place)
    expected = times(expected, sample.at(place) + 1);
  for (const std::uint64_t chunks : {1U, 2U, 13U, 300U}) {
    const auto job = product({{"count", "300"}, {"below", "1e6"}, {"seed", "7"}, {"digits", ""}});
    EXPECT_EQ(printed(*job, run_serially(*job, chunks)), expected) << chunks << " chunks";
  }
}

TEST(ProductTest, digits_and_checksum_are_told) {
  const auto job = product({{"count", "24"}, {"below", "25"}});
  Wide modulo = 1;
  for (std::uint64_t n = 1; n < 25; ++n) modulo = modulo * n % ((std::uint64_t{1} << 61) - 1);
  EXPECT_EQ(printed(*job, run_serially(*job, 2)),
            "product of 24 numbers below 25: 24 digits, "
            "62044840173323943936...62044840173323943936 and 4 zeros, modulo 2^61-1 " +
                decimal(modulo));
}

TEST(ProductTest, ranks_send_big_numbers_whole) {
  const Options options{{"count", "5000"}, {"digits", ""}};
  const auto job = product(options);
  const std::string expected = printed(*job, run_serially(*job, 1));
  RunOptions run_options;
  run_options.slots = 2;
  for (const std::uint64_t chunks : {5U, 77U}) {
    run_options.chunk_count = chunks;
    const auto run = run_on_loopback(3, run_options, [&] { return product(options); });
    EXPECT_EQ(printed(*job, run.outcome.result), expected);
  }
}

TEST(ProductTest, more_numbers_than_there_are_are_refused) {
  EXPECT_EQ(refusal_of([] {
              product({{"count", "10"}, {"below", "10"}});
            }),
            "--count 10 is more than the numbers below --below 10: each is drawn at most once");
  EXPECT_NE(refusal_of([] { product({{"below", "1"}}); }).find("--below 1"), std::string::npos);
}

}  // namespace
}  // namespace taskrun::testing
