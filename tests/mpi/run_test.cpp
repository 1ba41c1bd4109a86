// SPDX-License-Identifier: MIT
// Whole runs over MPI: the same result as one rank alone, whatever the number of ranks.
#include <gtest/gtest.h>

#include <bit>

#include "mpi_run.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

constexpr Schedule schedules[] = {Schedule::automatic, Schedule::fixed, Schedule::dynamic,
                                  Schedule::guided, Schedule::factoring};

RunOptions with_chunks(std::uint64_t count) {
  RunOptions options;
  options.slots = 2;
  options.chunk_count = count;
  return options;
}

template <class J>
LoopbackRun alone(std::uint64_t items, const RunOptions& options) {
  return run_on_loopback(1, options, [&] { return make_job<J>(items); });
}

template <class J>
MpiRun together(std::uint64_t items, const RunOptions& options) {
  const auto job = make_job<J>(items);
  MpiRun run = run_on_mpi(options, *job);
  EXPECT_EQ(run.outcome.has_value(), world_rank() == 0);
  return run;
}

// Words that only rank 0 has, joined in order.
struct ShippedWords {
  std::uint64_t items = 100;

  void params(Params& p) { p.count("items", items, "words"); }
  Items<std::string> dataset() const {
    if (world_rank() != 0) throw std::runtime_error("only rank 0 has the words");
    std::vector<std::string> words;
    for (std::uint64_t i = 0; i < items; ++i) words.push_back("word" + std::to_string(i * i) + ";");
    return Items<std::string>(std::move(words));
  }
  template <class Words>
  std::string map(const Words& words) const {
    std::string text;
    for (const auto& word : words) text += word;
    return text;
  }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string& result, std::ostream& out) const { out << result << '\n'; }
};

// Every item becomes 3 MiB.
struct LargePartial {
  std::uint64_t items = 6;

  void params(Params& p) { p.count("items", items, "pieces"); }
  Range dataset() const { return {0, items}; }
  std::string map(Range part) const {
    std::string text;
    for (std::uint64_t i = part.first(); i < part.past(); ++i) {
      text.append(std::size_t{3} << 20, static_cast<char>('a' + i % 26));
    }
    return text;
  }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string& result, std::ostream& out) const { out << result.size() << '\n'; }
};

TEST(MpiRunTest, a_sum_has_the_bits_of_one_rank_alone_with_every_schedule) {
  for (const Schedule schedule : schedules) {
    RunOptions options = with_chunks(777);
    options.schedule = schedule;
    const auto run = together<FloatSum>(5000, options);
    if (!run.outcome) continue;
    const auto serial = alone<FloatSum>(5000, options);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(std::any_cast<double>(run.outcome->result)),
              std::bit_cast<std::uint64_t>(std::any_cast<double>(serial.outcome.result)))
        << "schedule " << static_cast<int>(schedule);
  }
}

TEST(MpiRunTest, no_chunk_is_missing_doubled_or_misplaced) {
  const auto run = together<Concatenation>(3000, with_chunks(500));
  if (!run.outcome) return;
  EXPECT_EQ(std::any_cast<std::string>(run.outcome->result), Concatenation().map({0, 3000}));
}

TEST(MpiRunTest, emitted_lines_leave_in_order) {
  const auto run = together<NumberedLines>(20000, with_chunks(400));
  if (!run.outcome) return;
  EXPECT_EQ(run.output, alone<NumberedLines>(20000, with_chunks(400)).output);
  EXPECT_TRUE(run.output.ends_with("\n19998\n19999\n"));
}

TEST(MpiRunTest, slices_of_items_that_only_rank_0_has_are_shipped) {
  const auto run = together<ShippedWords>(2000, with_chunks(100));
  if (!run.outcome) return;
  const auto words = ShippedWords{2000}.dataset();
  EXPECT_EQ(std::any_cast<std::string>(run.outcome->result),
            ShippedWords().map(words.slice({0, 2000})));
}

TEST(MpiRunTest, partials_of_several_mebibytes_arrive) {
  const auto run = together<LargePartial>(12, with_chunks(12));
  if (!run.outcome) return;
  EXPECT_TRUE(std::any_cast<const std::string&>(run.outcome->result) ==
              LargePartial().map({0, 12}));
}

TEST(MpiRunTest, every_rank_says_goodbye_with_its_account) {
  const auto run = together<FloatSum>(5000, with_chunks(777));
  if (!run.outcome) return;
  EXPECT_EQ(run.outcome->account.workers.size(), world_size());
  EXPECT_EQ(run.outcome->account.workers_lost, 0U);
}

}  // namespace
}  // namespace taskrun::testing
