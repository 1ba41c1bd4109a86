// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <random>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "reference.hpp"
#include "refusal.hpp"
#include "temporary_file.hpp"

void register_job_isprime(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> isprime(const Options& options) {
  return make_job(register_job_isprime, options);
}

Options arguments(const std::vector<std::uint64_t>& numbers) {
  Options options;
  for (const auto number : numbers) options.push_back({"NUMBER", std::to_string(number)});
  return options;
}

std::string answers(const std::vector<std::uint64_t>& numbers) {
  std::string lines;
  for (const auto n : numbers) {
    lines += std::to_string(n) + (is_prime(n) ? "\ttrue\n" : "\tfalse\n");
  }
  return lines;
}

std::string refusal(const Options& options) {
  return refusal_of([&] { run_serially(*isprime(options), 1); });
}

// By trial division, for small ones.
bool has_divisor(std::uint64_t n) {
  for (std::uint64_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return true;
  }
  return false;
}

TEST(IsPrimeTest, all_small_numbers_are_right_by_trial_division) {
  std::string expected;
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t n = 0; n < 20'000; ++n) {
    numbers.push_back(n);
    expected += std::to_string(n) + (n > 1 && !has_divisor(n) ? "\ttrue\n" : "\tfalse\n");
  }
  const auto job = isprime(arguments(numbers));
  EXPECT_EQ(printed(*job, run_serially(*job, 7)), expected);
}

TEST(IsPrimeTest, numbers_that_fool_weaker_tests_do_not_fool_this_one) {
  // Carmichael numbers, strong pseudoprimes to the first 1, 2, … 9 primes (OEIS A014233), squares
  // of primes, and the largest primes of 32 and 64 bits with their neighbours.
  const std::vector<std::uint64_t> numbers{561,
                                           1105,
                                           41041,
                                           825265,
                                           2047,
                                           1373653,
                                           25326001,
                                           3215031751,
                                           2152302898747,
                                           3474749660383,
                                           341550071728321,
                                           3825123056546413051,
                                           18446744030759878681U,
                                           4294967291,
                                           4294967295,
                                           18446744073709551557U,
                                           18446744073709551615U,
                                           18446744073709551556U};
  const auto job = isprime(arguments(numbers));
  const std::string out = printed(*job, run_serially(*job, 3));
  EXPECT_EQ(out, answers(numbers));
  EXPECT_NE(out.find("18446744073709551557\ttrue"), std::string::npos);
  EXPECT_NE(out.find("3825123056546413051\tfalse"), std::string::npos);
}

TEST(IsPrimeTest, order_is_kept_on_every_grid_ranks_and_slots) {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> numbers(300);
  for (auto& n : numbers) n = random() >> random() % 60;
  RunOptions options;
  options.slots = 2;
  for (const std::uint64_t chunks : {1U, 17U, 300U}) {
    options.chunk_count = chunks;
    for (const std::uint32_t ranks : {1U, 3U}) {
      const auto run = run_on_loopback(ranks, options, [&] { return isprime(arguments(numbers)); });
      EXPECT_EQ(run.output, answers(numbers)) << chunks << " chunks, " << ranks << " ranks";
    }
  }
}

TEST(IsPrimeTest, a_file_has_a_number_on_each_line) {
  const TemporaryFile file("7\n\n10\r\n0018\n13");
  const auto job = isprime({{"file", file.path()}});
  EXPECT_EQ(printed(*job, run_serially(*job, 2)), answers({7, 10, 18, 13}));
}

TEST(IsPrimeTest, an_empty_file_has_no_answers) {
  const TemporaryFile file("");
  const auto job = isprime({{"file", file.path()}});
  EXPECT_EQ(printed(*job, run_serially(*job, 1)), "");
}

TEST(IsPrimeTest, what_is_no_number_is_named_with_its_place) {
  const TemporaryFile file("7\n1e3\n");
  EXPECT_EQ(refusal({{"file", file.path()}}),
            file.path() + ":2: '1e3' is not a whole number below 2^64");
  EXPECT_EQ(refusal({{"NUMBER", "18446744073709551616"}}),
            "'18446744073709551616' is not a whole number below 2^64");
  EXPECT_EQ(refusal({{"NUMBER", "-7"}}), "'-7' is not a whole number below 2^64");
  const TemporaryFile zeros(std::string("1\0\x1b[2J", 6));
  EXPECT_EQ(refusal({{"file", zeros.path()}}),
            zeros.path() + ":1: '1??[2J' is not a whole number below 2^64");
}

TEST(IsPrimeTest, a_file_that_cannot_be_read_is_named) {
  EXPECT_EQ(refusal({{"file", "no/such"}}), "cannot read no/such: No such file or directory");
  EXPECT_EQ(refusal({{"file", "/"}}), "cannot read /: Is a directory");
}

TEST(IsPrimeTest, numbers_and_a_file_do_not_go_together) {
  EXPECT_NE(refusal({{"NUMBER", "7"}, {"file", "x"}}).find("give one of them"), std::string::npos);
}

}  // namespace
}  // namespace taskrun::testing
