// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <random>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "refusal.hpp"
#include "taskrun/job/csv.hpp"
#include "temporary_file.hpp"

void register_job_features(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> features(const Options& options) {
  return make_job(register_job_features, options);
}

// What comes of a file with this text; what is wrong with it where it fails.
std::string made(std::string_view text, Options options = {}, std::uint64_t chunks = 0) {
  const TemporaryFile file(text);
  options.push_back({"FILE", file.path()});
  const auto job = features(options);
  try {
    const auto size = job->open();
    const auto result = run_serially(*job, chunks == 0 ? size.chunk_count : chunks);
    return printed(*job, result);
  } catch (const std::exception& e) {
    const std::string what = e.what();
    const auto place = what.find(file.path());
    return place == 0 ? what.substr(file.path().size()) : what;
  }
}

TEST(FeaturesTest, the_frame_of_the_notes_gets_its_columns) {
  EXPECT_EQ(made(",feature1,feature2\na,1,11\nb,2,12\nh,8,18\n"),
            ",feature1,feature2,feature3,feature4\na,1,11,1,1100\nb,2,12,32,1200\n"
            "h,8,18,32768,1800\n");
}

TEST(FeaturesTest, whole_numbers_are_exact_and_doubles_short) {
  EXPECT_EQ(made("a\n100000\n0.1\n-3\n", {{"set", "b=a^5"}}),
            "a,b\n100000,10000000000000000000000000\n0.1,1.0000000000000003e-05\n-3,-243\n");
}

TEST(FeaturesTest, what_is_not_computed_stays_as_it_is) {
  EXPECT_EQ(made("\xef\xbb\xbf"
                 "x,\"the \"\"name\"\"\", y \r\n 1 ,\"a,b\nc\",\"2\"\r\n3,,4",
                 {{"set", "sum=x+y"}}),
            "\xef\xbb\xbf"
            "x,\"the \"\"name\"\"\", y ,sum\r\n 1 ,\"a,b\nc\",\"2\",3\r\n3,,4,7\n");
}

TEST(FeaturesTest, columns_build_on_each_other_and_may_be_replaced) {
  EXPECT_EQ(made("a,b c\n1,2\n", {{"set", "a=a*10"}, {"set", "d,e=a+`b c`"}, {"set", "f=`d,e`/a"}}),
            "a,b c,\"d,e\",f\n10,2,12,1.2\n");
}

TEST(FeaturesTest, other_separators_are_taken) {
  EXPECT_EQ(made("a\tb\n1\t2\n", {{"separator", "tab"}, {"set", "c=a+b"}}), "a\tb\tc\n1\t2\t3\n");
  EXPECT_EQ(made("a b\n1 2\n", {{"separator", " "}, {"set", "c=a+b"}}), "a b c\n1 2 3\n");
  EXPECT_EQ(made("a;b\n1;2\n", {{"separator", ";"}, {"set", "c=a-b"}}), "a;b;c\n1;2;-1\n");
}

TEST(FeaturesTest, bad_rows_are_named_with_their_line) {
  const Options set{{"set", "c=a*b"}};
  EXPECT_EQ(made("a,b\n1,2\n3\n", set), ":3: the row has 1 cells, the header 2");
  EXPECT_EQ(made("a,b\n\"1\",\"2\"\nx,2\ny,2\n", set),
            ":3: a is 'x', which is no number (and 1 more rows near it)");
  EXPECT_EQ(made("a,b\n,2\n", set), ":2: a is '', which is no number");
  EXPECT_EQ(made("t,a,b\n\"two\nlines\",1,2\nx,1,z\n", set), ":4: b is 'z', which is no number");
  EXPECT_EQ(made("a,b\n1,0\n", {{"set", "c=a/b"}}), ":2: division by zero");
  EXPECT_EQ(made("a,b\n\"1\"x,0\n", set), ":2: something follows the closing quote of a cell");
  EXPECT_EQ(made("a,b\n1\"\"x,0\n", set),
            ":2: a quote stands inside a cell that does not begin with one");
}

TEST(FeaturesTest, bad_rows_take_no_others_with_them_and_are_not_tried_again) {
  const TemporaryFile file("a,b\n1,2\nx,2\n4,5\n");
  const Options options{{"FILE", file.path()}, {"set", "c=a*b"}};
  const auto run = run_on_loopback(1, {}, [&] { return features(options); });
  EXPECT_EQ(run.output, "a,b,c\n1,2,2\n4,5,20\n");
  ASSERT_EQ(run.outcome.account.failed.size(), 1U);
  EXPECT_EQ(run.outcome.account.failed.front().attempts, 1U);
}

TEST(FeaturesTest, bad_rows_may_be_left_empty_or_out) {
  const std::string text = "a,b\n1,2\nx,2\n3\n\n4,5\n\"6\"7,8\n";
  EXPECT_EQ(made(text, {{"set", "c=a*b"}, {"bad-rows", "empty"}}),
            "a,b,c\n1,2,2\nx,2,\n3,,\n4,5,20\n\"6\"7,8,\n");
  EXPECT_EQ(made(text, {{"set", "c=a*b"}, {"bad-rows", "skip"}}), "a,b,c\n1,2,2\n4,5,20\n");
}

TEST(FeaturesTest, large_files_are_cut_between_rows_on_every_grid_ranks_and_slots) {
  std::mt19937 random(8);
  std::string text = "n,what\n";
  std::string expected = "n,what,m\n";
  for (int n = 0; text.size() < 5'000'000; ++n) {
    // Cells with quotes, separators and line ends, so that a wrong cut shows.
    std::string cell(random() % 300, 'x');
    if (random() % 3 == 0) cell = "\"" + cell + "\n\"\"" + cell + ",\"";
    text += std::to_string(n) + "," + cell + "\n";
    expected += std::to_string(n) + "," + cell + "," + std::to_string(2 * n) + "\n";
  }
  const TemporaryFile file(text);
  const Options options{{"FILE", file.path()}, {"set", "m=2*n"}};
  const auto job = features(options);
  const auto size = job->open();
  EXPECT_GE(size.item_count, 5U);
  for (const std::uint64_t chunks : {std::uint64_t{1}, std::uint64_t{2}, size.item_count}) {
    EXPECT_TRUE(printed(*job, run_serially(*job, chunks)) == expected) << chunks;
  }
  RunOptions run_options;
  run_options.slots = 2;
  const auto run = run_on_loopback(2, run_options, [&] { return features(options); });
  EXPECT_TRUE(run.output == expected);
}

TEST(FeaturesTest, a_bad_row_far_down_is_named_with_its_line) {
  // Each row takes two lines, and an item some 10,000 rows.
  std::string text = "n,what\n";
  for (int row = 0; row < 30'000; ++row)
    text += "1,\"" + std::string(50, 'x') + "\n" + std::string(50, 'x') + "\"\n";
  EXPECT_EQ(made(text + "y,z\n", {{"set", "m=2*n"}}), ":60002: n is 'y', which is no number");
}

TEST(FeaturesTest, files_without_rows_give_the_header) {
  EXPECT_EQ(made("a\n", {{"set", "b=a"}}), "a,b\n");
  EXPECT_EQ(made("a", {{"set", "b=a"}}), "a,b\n");
}

TEST(FeaturesTest, files_and_rules_that_make_no_sense_are_refused) {
  const auto refusal = [](std::string_view text, const Options& more) {
    const TemporaryFile file(text);
    Options options{{"FILE", file.path()}};
    options.insert(options.end(), more.begin(), more.end());
    const auto told = refusal_of([&] { features(options)->open(); });
    return told.starts_with(file.path()) ? told.substr(file.path().size()) : told;
  };
  EXPECT_EQ(refusal("", {}), " is empty: its first line must name the columns");
  EXPECT_EQ(refusal("a,b\n", {}), "'feature1^5': there is no 'feature1'; there are a, b");
  EXPECT_EQ(refusal("a\n1\n\"2\n3\n", {{"set", "b=a"}}),
            ":2: the file ends inside quotes that open here or after; is there a quote too many?");
  EXPECT_NE(refusal("a\n", {{"set", "b"}}).find("--set b: expected"), std::string::npos);
  EXPECT_NE(refusal("a\n", {{"set", "b=a+"}}).find("something is missing"), std::string::npos);
  EXPECT_NE(refusal("a\n", {{"separator", "x"}}).find("--separator x"), std::string::npos);
  EXPECT_EQ(refusal_of([] {
              features({{"FILE", "/none"}})->open();
            }),
            "cannot read /none: No such file or directory");
}

TEST(CsvTest, random_text_is_read_or_refused) {
  std::mt19937 random(9);
  for (int turn = 0; turn < 500; ++turn) {
    std::string text = "a\n";
    for (auto size = random() % 30; size > 0; --size) text += "1,\"\n\r x"[random() % 7];
    made(text, {{"set", "b=a"}});
  }
}

}  // namespace
}  // namespace taskrun::testing
