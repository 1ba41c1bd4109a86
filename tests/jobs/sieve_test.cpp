// SPDX-License-Identifier: MIT
#include "sieve.hpp"

#include <gtest/gtest.h>

#include <random>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "reference.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun::testing {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

std::unique_ptr<Job> sieve(const Options& options) { return make_job<Sieve>(options); }

Options interval(std::uint64_t from, std::uint64_t limit, const Options& more = {}) {
  Options all{{"from", std::to_string(from)}, {"limit", std::to_string(limit)}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// What the sieve finds on a grid of so many chunks: the number at the end of its line, or the list.
std::string found(const Options& options, std::uint64_t chunks) {
  const auto job = sieve(options);
  const std::string text = printed(*job, run_serially(*job, chunks));
  return job->emits() ? text : text.substr(text.rfind(' ') + 1);
}

// The same on the grid that the job wants.
std::string found(const Options& options) {
  return found(options, sieve(options)->open().chunk_count);
}

// What the sieve can be asked for, with the answer by definition for these primes of an interval.
struct Question {
  Options options;
  std::string answer;
};
std::vector<Question> questions(const std::vector<std::uint64_t>& primes) {
  std::vector<Question> all{{{}, std::to_string(primes.size())},
                            {{{"sum", ""}}, decimal(sum_of(primes))},
                            {{{"list", ""}}, lines_of(primes)}};
  for (std::uint64_t k = 2; k <= 6; ++k) {
    all.push_back({{{"tuplets", std::to_string(k)}}, std::to_string(count_tuplets(primes, k))});
  }
  return all;
}

void expect_all_right(std::uint64_t from, std::uint64_t limit,
                      const std::vector<std::uint64_t>& chunk_counts) {
  for (const auto& [options, answer] : questions(primes_in(from, limit))) {
    for (const auto chunks : chunk_counts) {
      EXPECT_EQ(found(interval(from, limit, options), chunks), answer)
          << '[' << from << ", " << limit << "] in " << chunks << " chunks, --"
          << (options.empty() ? "" : options.front().name + ' ' + options.front().value);
    }
  }
}

TEST(SieveTest, counts_of_primes_are_the_known_ones) {
  EXPECT_EQ(found({{"limit", "10"}}), "4");
  EXPECT_EQ(found({{"limit", "1e6"}}), "78498");
  EXPECT_EQ(found({{"limit", "1e7"}}), "664579");
  EXPECT_EQ(found({{"limit", "1e8"}}), "5761455");
  EXPECT_EQ(found({{"limit", "1e9"}}), "50847534");
}

TEST(HeavySieveTest, count_of_primes_up_to_1e10_is_the_known_one) {
  EXPECT_EQ(found({{"limit", "1e10"}}), "455052511");
}

TEST(SieveTest, sums_of_primes_are_the_known_ones) {
  EXPECT_EQ(found({{"limit", "1e6"}, {"sum", ""}}), "37550402023");
  EXPECT_EQ(found({{"limit", "2e6"}, {"sum", ""}}), "142913828922");
  EXPECT_EQ(found({{"limit", "3e6"}, {"sum", ""}}), "312471072265");
}

// From: for k in 2 3 4 5 6; do primesieve 1e8 -c$k -q; done
TEST(SieveTest, counts_of_tuplets_agree_with_the_primesieve_program) {
  EXPECT_EQ(found({{"limit", "1e8"}, {"tuplets", "2"}}), "440312");
  EXPECT_EQ(found({{"limit", "1e8"}, {"tuplets", "3"}}), "111156");
  EXPECT_EQ(found({{"limit", "1e8"}, {"tuplets", "4"}}), "4768");
  EXPECT_EQ(found({{"limit", "1e8"}, {"tuplets", "5"}}), "1383");
  EXPECT_EQ(found({{"limit", "1e8"}, {"tuplets", "6"}}), "82");
}

TEST(SieveTest, every_number_of_chunks_gives_the_same) {
  std::vector<std::uint64_t> chunk_counts;
  for (std::uint64_t chunks = 1; chunks <= 210; ++chunks) chunk_counts.push_back(chunks);
  expect_all_right(0, 200, chunk_counts);
}

TEST(SieveTest, a_border_after_every_number_splits_no_tuplet) { expect_all_right(0, 3000, {3000}); }

TEST(SieveTest, every_small_interval_is_right_to_its_ends) {
  for (std::uint64_t from = 0; from <= 24; ++from) {
    for (std::uint64_t limit = from; limit <= 48; ++limit) expect_all_right(from, limit, {1, 5});
  }
}

TEST(SieveTest, intervals_across_2_to_the_32_are_right) {
  const std::uint64_t border = std::uint64_t{1} << 32;
  expect_all_right(border - 500, border + 500, {1, 2, 7, 100});
  expect_all_right(border - 5, border - 5, {1});  // a prime, the largest of 32 bits
  expect_all_right(border, border, {1});
}

TEST(SieveTest, random_intervals_on_random_grids_are_right) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 60; ++i) {
    // Every magnitude up to 2^40: higher up each chunk takes many milliseconds.
    const std::uint64_t from = random() >> (24 + random() % 40);
    const std::uint64_t limit = from + random() % 2000;
    expect_all_right(from, limit, {1, 1 + random() % 50});
  }
}

// From: primesieve 18446744073709451616 18446744073709551615 -q [-c2], and the sum of what
// primesieve 18446744073709550616 18446744073709551615 -p writes.
TEST(HeavySieveTest, counts_just_below_2_to_the_64_agree_with_the_primesieve_program) {
  EXPECT_EQ(found(interval(largest - 99'999, largest), 1), "2139");
  EXPECT_EQ(found(interval(largest - 99'999, largest, {{"tuplets", "2"}}), 2), "61");
}

TEST(HeavySieveTest, sum_just_below_2_to_the_64_is_exact) {
  EXPECT_EQ(found(interval(largest - 999, largest, {{"sum", ""}}), 1), "387381625547900573443");
}

TEST(HeavySieveTest, list_just_below_2_to_the_64_ends_with_the_largest_prime) {
  const std::string expected = lines_of(primes_in(largest - 999, largest));
  ASSERT_TRUE(expected.ends_with("18446744073709551557\n"));
  EXPECT_EQ(found(interval(largest - 999, largest, {{"list", ""}}), 1), expected);
}

TEST(HeavySieveTest, borders_just_below_2_to_the_64_do_not_move_past_the_end) {
  EXPECT_EQ(found(interval(largest - 20, largest, {{"tuplets", "2"}}), 21), "0");
}

TEST(SieveTest, the_last_numbers_of_64_bits_are_not_prime) {
  EXPECT_EQ(found(interval(largest, largest)), "0");
  EXPECT_EQ(found(interval(largest - 50, largest, {{"sum", ""}}), 3), "0");
  EXPECT_EQ(found(interval(largest - 50, largest, {{"list", ""}}), 3), "");
}

TEST(SieveTest, the_whole_of_64_bits_is_a_dataset) {
  EXPECT_EQ(sieve(interval(0, largest))->open().item_count, largest);
  EXPECT_EQ(sieve(interval(1, largest))->open().item_count, largest);
}

TEST(SieveTest, the_line_says_what_was_asked) {
  const auto line = [](const Options& options) {
    const auto job = sieve(options);
    return printed(*job, run_serially(*job, 1));
  };
  EXPECT_EQ(line({{"limit", "1e6"}}), "primes <= 1000000: 78498");
  EXPECT_EQ(line(interval(10, 20)), "primes in [10, 20]: 4");
  EXPECT_EQ(line({{"limit", "10"}, {"sum", ""}}), "sum of primes <= 10: 17");
  EXPECT_EQ(line(interval(3, 10, {{"sum", ""}})), "sum of primes in [3, 10]: 15");
  EXPECT_EQ(line(interval(0, 100, {{"tuplets", "2"}})), "twin primes <= 100: 8");
  EXPECT_EQ(line(interval(5, 20, {{"tuplets", "5"}})), "prime quintuplets in [5, 20]: 2");
}

TEST(SieveTest, json_holds_numbers_where_they_are_exact_and_else_text) {
  const auto json = [](const Options& options) {
    const auto job = sieve(options);
    return job->json(run_serially(*job, 1)).dump();
  };
  EXPECT_EQ(json({{"limit", "1e6"}}), R"({"count":78498,"from":0,"limit":1000000})");
  EXPECT_EQ(json({{"limit", "100"}, {"tuplets", "3"}}),
            R"({"count":8,"from":0,"limit":100,"tuplets":3})");
  EXPECT_EQ(json(interval(2, 10, {{"sum", ""}})), R"({"from":2,"limit":10,"sum":17})");
  EXPECT_EQ(json(interval(largest, largest)),
            R"({"count":0,"from":"18446744073709551615","limit":"18446744073709551615"})");
}

TEST(SieveTest, parameters_that_do_not_go_together_are_refused) {
  for (const Options& options :
       {interval(11, 10), Options{{"sum", ""}, {"list", ""}},
        Options{{"sum", ""}, {"tuplets", "2"}}, Options{{"list", ""}, {"tuplets", "6"}},
        Options{{"tuplets", "7"}}, Options{{"tuplets", "0"}},
        Options{{"limit", "18446744073709551616"}}}) {
    try {
      sieve(options);
      ADD_FAILURE() << "accepted: --" << options.front().name << ' ' << options.front().value;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::usage);
      EXPECT_NE(std::string(e.what()).find("--"), std::string::npos) << e.what();
    }
  }
}

TEST(SieveTest, chunks_are_large_enough_for_libprimesieve_and_enough_to_share) {
  const auto chunks = [](const Options& options) { return sieve(options)->open().chunk_count; };
  EXPECT_EQ(chunks({{"limit", "0"}}), 0U);
  EXPECT_EQ(chunks({{"limit", "1e6"}}), 1U);
  EXPECT_EQ(chunks({{"limit", "1e9"}}), 16U);
  EXPECT_EQ(chunks({{"limit", "1e11"}}), 334U);
  EXPECT_EQ(chunks(interval(1'000'000'000'000'000'000, 1'000'000'010'000'000'000)), 3U);
}

TEST(SieveTest, every_schedule_on_any_ranks_and_slots_gives_the_same) {
  RunOptions options;
  options.chunk_count = 101;
  const Options numbers = interval(1'000'003, 1'300'000);
  for (const auto& [asked, answer] : questions(primes_in(1'000'003, 1'300'000))) {
    Options all = numbers;
    all.insert(all.end(), asked.begin(), asked.end());
    for (const Schedule schedule : all_schedules) {
      for (const std::uint32_t ranks : {1U, 2U, 3U}) {
        options.schedule = schedule;
        options.slots = 1 + ranks % 2;
        const auto run = run_on_loopback(ranks, options, [&] { return sieve(all); });
        const auto job = sieve(all);
        const std::string text = job->emits() ? run.output : printed(*job, run.outcome.result);
        EXPECT_EQ(job->emits() ? text : text.substr(text.rfind(' ') + 1), answer)
            << name_of(schedule) << ", " << ranks << " ranks";
      }
    }
  }
}

}  // namespace
}  // namespace taskrun::testing
