// SPDX-License-Identifier: MIT
#include "app/compare/variants.hpp"

#include <gtest/gtest.h>

#include "app/commands/commands.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

using Words = std::vector<std::string>;

struct Varied : FloatSum {
  std::vector<std::string> things;
  bool loud = false;
  void params(Params& p) {
    FloatSum::params(p);
    p.arguments("THING", things, "what to try");
    p.flag("loud", loud, "a flag");
  }
};

struct Waiting : FloatSum {
  bool io_bound() const { return true; }
};

struct Fetching : FloatSum {
  std::string engine = "threads";
  std::uint64_t in_flight = 8;
  bool untimed = false;
  void params(Params& p) {
    FloatSum::params(p);
    p.choice("engine", engine, "how to wait", {"threads", "async"});
    p.count("in-flight", in_flight, "how many wait in the loop");
    p.flag("untimed", untimed, "leave times out");
  }
  bool io_bound() const { return engine == "threads"; }
};

Registry three_jobs() {
  Registry jobs;
  jobs.add<Varied>("try", "try things");
  jobs.add<Waiting>("wait", "wait");
  jobs.add<Fetching>("fetch", "fetch");
  return jobs;
}

std::vector<Variant> variants(Words arguments, const Surroundings& here = {2, ""}) {
  static const Registry jobs = three_jobs();  // what is parsed refers to it
  arguments.insert(arguments.begin(), "compare");
  return variants_of(*parse_command_line(arguments, all_commands(), jobs), here);
}

// "name ranks at-once arguments".
std::string told(const Variant& variant) {
  return variant.name + " " + std::to_string(variant.rank_count) + " " +
         std::to_string(variant.at_once) + ": " + shell_words(variant.arguments);
}

std::string refused(const Words& arguments, const Surroundings& here = {2, ""}) {
  try {
    variants(arguments, here);
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

TEST(VariantsTest, a_job_that_computes_runs_alone_on_threads_and_on_ranks) {
  const auto found = variants({"try", "--items", "5", "--loud", "a b", "-5", "--chunks", "9"});
  const std::string rest = " -- 'a b' -5";
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(told(found[0]), "sequential 0 1: try --chunks 9 --items 5 --loud --threads 1" + rest);
  EXPECT_EQ(told(found[1]), "threads 0 2: try --chunks 9 --items 5 --loud --threads 2" + rest);
  EXPECT_EQ(told(found[2]), "processes 2 2: try --chunks 9 --items 5 --loud --threads 1" + rest);
}

TEST(VariantsTest, options_of_the_comparison_are_not_passed_on) {
  const auto found = variants({"try", "--repeat", "3", "--svg", "x.svg", "--json", "x.json", "-q",
                               "--threads", "4", "--progress", "off"});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(told(found[1]), "threads 0 4: try --threads 4");
  EXPECT_EQ(told(found[2]), "processes 4 4: try --threads 1");
}

TEST(VariantsTest, ranks_are_left_out_where_there_are_none) {
  EXPECT_EQ(variants({"try"}, {2, "no mpirun"}).size(), 2U);
}

TEST(VariantsTest, a_job_that_waits_has_a_pool_which_ranks_share) {
  const auto found = variants({"wait"});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(told(found[0]), "one at a time 0 1: wait --io-threads 1");
  EXPECT_EQ(told(found[1]), "I/O threads 0 32: wait --io-threads 32");
  EXPECT_EQ(told(found[2]), "processes 2 32: wait --io-threads 16");
}

TEST(VariantsTest, an_event_loop_is_compared_where_the_job_has_one) {
  for (const Words& arguments : {Words{"fetch"}, Words{"fetch", "--engine", "async"}}) {
    const auto found = variants(arguments, {2, "no mpirun"});
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(told(found[0]), "one at a time 0 1: fetch --untimed --io-threads 1");
    EXPECT_EQ(told(found[2]), "event loop 0 8: fetch --untimed --threads 1 --engine async");
  }
}

TEST(VariantsTest, a_small_dataset_is_cut_for_all_unless_the_user_does) {
  static const Registry jobs = three_jobs();
  const auto count = [](Words arguments, DatasetSize size) {
    arguments.insert(arguments.begin(), "compare");
    const auto line = parse_command_line(arguments, all_commands(), jobs);
    return chunks_for_all(*line, size, variants_of(*line, {2, ""}));
  };
  EXPECT_EQ(count({"try"}, {1'500'000, 1}), 16U);
  EXPECT_EQ(count({"try", "--threads", "4"}, {1'500'000, 3}), 32U);
  EXPECT_EQ(count({"try"}, {5, 1}), 5U);
  EXPECT_EQ(count({"try"}, {1'500'000, 2}), std::nullopt);
  EXPECT_EQ(count({"try"}, {1, 1}), std::nullopt);
  EXPECT_EQ(count({"wait"}, {5, 5}), std::nullopt);
  EXPECT_EQ(count({"try", "--chunks", "1"}, {1'500'000, 1}), std::nullopt);
  EXPECT_EQ(count({"try", "--chunk-size", "1e9"}, {1'500'000, 1}), std::nullopt);
}

TEST(VariantsTest, one_of_everything_is_nothing_to_compare) {
  EXPECT_NE(refused({"try"}, {1, ""}).find("nothing to compare"), std::string::npos);
  EXPECT_NE(refused({"try", "--threads", "1"}).find("nothing to compare"), std::string::npos);
  EXPECT_NE(refused({"wait", "--io-threads", "1"}).find("nothing to compare"), std::string::npos);
}

TEST(VariantsTest, options_of_runs_that_are_kept_are_refused) {
  for (const char* const option : {"--journal", "--walltime", "--only-chunk"}) {
    EXPECT_NE(refused({"try", option, "7"}).find("does not go with compare"), std::string::npos);
  }
  EXPECT_NE(refused({"try", "--ranks", "7"}).find("'taskrun launch' takes it"), std::string::npos);
}

}  // namespace
}  // namespace taskrun::testing
