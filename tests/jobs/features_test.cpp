// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "refusal.hpp"
#include "taskrun/data/csv.hpp"
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
            ":3: a is 'x', which is no number; line 4: a is 'y', which is no number");
  EXPECT_EQ(made("a,b\n,2\n", set), ":2: a is '', which is no number");
  EXPECT_EQ(made("t,a,b\n\"two\nlines\",1,2\nx,1,z\n", set), ":4: b is 'z', which is no number");
  EXPECT_EQ(made("a,b\n1,0\n", {{"set", "c=a/b"}}), ":2: division by zero");
  EXPECT_EQ(made("a,b\n\"1\"x,0\n", set), ":2: something follows the closing quote of a cell");
  EXPECT_EQ(made("a,b\n3.14,5\n3,14\n1,2.718.2\n1,1e999\n", set),
            ":4: b is '2.718.2', which is no number; line 5: b is '1e999', which is too large for "
            "a number with a fraction");
  std::string many = "a,b\n";
  for (int row = 0; row < 30; ++row) many += "x,1\n";
  EXPECT_TRUE(
      made(many, set).ends_with("line 21: a is 'x', which is no number; and 10 more rows "
                                "near them, which --bad-rows-to FILE names"));
}

// What a run writes, and what it says of chunks that failed.
struct Told {
  std::string output;
  std::string errors;
};
Told told_of(std::string_view text, Options options) {
  const TemporaryFile file(text);
  options.push_back({"FILE", file.path()});
  const auto run = run_on_loopback(1, {}, [&] { return features(options); });
  Told told{run.output, {}};
  for (const auto& failed : run.outcome.account.failed) {
    told.errors += failed.error.substr(file.path().size()) + "\n";
  }
  return told;
}

TEST(FeaturesTest, a_row_that_is_too_long_or_too_short_shifts_no_column_in_any_mode) {
  const std::string text = "a,b\n1,2\n3,4,99\n5\n6,7\n8,9,\n\"1\"x,2,3\n\"1\"x,2\n";
  const auto told = [&](const char* mode) {
    return told_of(text, {{"set", "s=a+b"}, {"bad-rows", mode}});
  };
  EXPECT_EQ(told("empty").output, "a,b,s\n1,2,3\n5,,\n6,7,13\n\"1\"x,2,\n");
  EXPECT_EQ(told("empty").errors,
            ":3: the row has 3 cells, the header 2; line 6: the row has 3 cells, the header 2; "
            "line 7: something follows the closing quote of a cell\n");
  for (const char* mode : {"fail", "skip"}) {
    EXPECT_EQ(told(mode).output, "a,b,s\n1,2,3\n6,7,13\n");
    EXPECT_EQ(told(mode).errors.empty(), mode == std::string("skip"));
  }
}

TEST(FeaturesTest, all_bad_rows_are_in_a_file_of_their_own_in_their_order) {
  std::string text = "a\n";
  std::string expected;
  const TemporaryFile kept("");
  for (int row = 2; row < 200; ++row) {
    text += row % 3 == 0 ? "x\n" : "1\n";
    if (row % 3 == 0) expected += ":" + std::to_string(row) + ": a is 'x', which is no number\n";
  }
  const TemporaryFile file(text);
  const Options options{{"FILE", file.path()}, {"set", "b=a"}, {"bad-rows-to", kept.path()}};
  RunOptions run_options;
  run_options.slots = 2;
  for (const std::uint64_t chunks : {std::uint64_t{1}, std::uint64_t{7}}) {
    run_options.chunk_count = chunks;
    const auto run = run_on_loopback(2, run_options, [&] { return features(options); });
    std::string found;
    std::istringstream lines(run.details);
    for (std::string line; std::getline(lines, line);) {
      ASSERT_TRUE(line.starts_with(file.path())) << line;
      found += line.substr(file.path().size()) + "\n";
    }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(run.outcome.account.failed.size(), chunks);
  }
  EXPECT_EQ(features(options)->details_path(), kept.path());
  EXPECT_NE(refusal_of([&] {
              features({{"FILE", file.path()}, {"bad-rows-to", file.path()}});
            }).find("the input itself"),
            std::string::npos);
  EXPECT_NE(refusal_of([&] {
              features({{"bad-rows", "skip"}, {"bad-rows-to", kept.path()}});
            }).find("names no rows"),
            std::string::npos);
}

TEST(FeaturesTest, a_column_that_is_replaced_is_left_empty_as_well) {
  EXPECT_EQ(made("a,b,c\n5,x,1\n2,3,1\n7\n", {{"set", "a=a*b"}, {"bad-rows", "empty"}}),
            "a,b,c\n,x,1\n6,3,1\n,,\n");
}

TEST(FeaturesTest, a_quote_inside_a_cell_that_does_not_begin_with_one_is_text) {
  EXPECT_EQ(made("where,n\n37° 57' 55.6\",1\nx\"\"y,2\n \"a\",3\n", {{"set", "m=2*n"}}),
            "where,n,m\n37° 57' 55.6\",1,2\nx\"\"y,2,4\n \"a\",3,6\n");
  // Rows are cut as they are read: neither of these quotes opens anything.
  EXPECT_EQ(made("n,inch\n1,5\"\n2,6\n3,7\"\n", {{"set", "m=2*n"}}, 2),
            "n,inch,m\n1,5\",2\n2,6,4\n3,7\",6\n");
}

TEST(FeaturesTest, numbers_are_written_as_people_do) {
  EXPECT_EQ(made("a\n+5\n+.5\n\t1e-400 \n0012\n", {{"set", "b=a*2"}}),
            "a,b\n+5,10\n+.5,1\n\t1e-400 ,0\n0012,24\n");
  for (const char* cell : {"+-5", "++5", "-+5", "+", "+ 5", "1_000", "0x10", "nan", "inf", "1e"}) {
    EXPECT_EQ(made("a\n" + std::string(cell) + "\n", {{"set", "b=a"}}),
              ":2: a is '" + std::string(cell) + "', which is no number");
  }
}

TEST(FeaturesTest, a_decimal_comma_is_read_where_it_is_said) {
  const Options comma{{"set", "c=a*b"}, {"decimal", "comma"}};
  const auto with_semicolon = [](Options options) {
    options.push_back({"separator", ";"});
    return options;
  };
  EXPECT_EQ(made("a;b\n1,5;3\n2;2\n", with_semicolon(comma)), "a;b;c\n1,5;3;4,5\n2;2;4\n");
  EXPECT_EQ(made("a,b\n\"1,5\",3\n", comma), "a,b,c\n\"1,5\",3,\"4,5\"\n");
  EXPECT_EQ(made("a;b\n1.234,5;3\n", with_semicolon(comma)),
            ":2: a is '1.234,5', which is no number");
  EXPECT_EQ(made("a;b\n1,5;3\n", with_semicolon({{"set", "c=a*b"}})),
            ":2: a is '1,5', which is no number; --decimal comma reads decimal commas");
}

TEST(FeaturesTest, comments_stay_and_are_no_rows) {
  EXPECT_EQ(made("\xef\xbb\xbf# by \"us\n\n#,,\n\"a\",b\n1,2\n#x,\"\n#3,4\n5,#6\n# end",
                 {{"set", "c=a"}, {"comment", "#"}}, 3),
            "\xef\xbb\xbf# by \"us\n\n#,,\n\"a\",b,c\n1,2,1\n#x,\"\n#3,4\n5,#6,5\n# end\n");
}

TEST(FeaturesTest, eight_rows_can_be_cut_in_four) {
  std::string text = "a\n";
  std::string expected = "a,b\n";
  for (int row = 1; row <= 8; ++row) {
    text += std::to_string(row) + "\n";
    expected += std::to_string(row) + "," + std::to_string(row * row) + "\n";
  }
  const TemporaryFile file(text);
  const auto job = features({{"FILE", file.path()}, {"set", "b=a*a"}});
  EXPECT_EQ(job->open().item_count, 9U);  // the header is one
  EXPECT_EQ(job->open().chunk_count, 1U);
  for (std::uint64_t chunks = 1; chunks <= 9; ++chunks) {
    EXPECT_EQ(printed(*job, run_serially(*job, chunks)), expected) << chunks;
  }
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
  EXPECT_EQ(refusal("a,b\n", {}), "'feature1^5': there is no 'feature1'; known names: a, b");
  EXPECT_EQ(refusal("a\n1\n\"2\n3\n", {{"set", "b=a"}}),
            ":3: the file ends inside quotes that open here or after; is there a quote too many?");
  EXPECT_NE(refusal("a\n", {{"set", "b"}}).find("--set b: expected"), std::string::npos);
  EXPECT_NE(refusal("a\n", {{"set", "b=a+"}}).find("something is missing"), std::string::npos);
  EXPECT_NE(refusal("a\n", {{"separator", "x"}}).find("--separator x"), std::string::npos);
  EXPECT_EQ(
      refusal("a;b\n1;2\n", {{"set", "c=a"}}),
      "'a': there is no 'a'; known names: a;b; is it one column? --separator ';' makes several "
      "of it");
  EXPECT_EQ(refusal("a,b, a\n", {{"set", "c=a+b"}}),
            "'a+b': several columns are named 'a'; give all but one another name");
  EXPECT_EQ(refusal("a,b,b\n", {{"set", "b=a"}}),
            "--set b=a: several columns are named 'b'; give all but one another name");
  EXPECT_EQ(refusal("a,b,b\n", {{"set", "c=a"}}), "not refused");
  for (const std::string& text : {std::string("\xff\xfe"
                                              "a\0\n\0",
                                              6),
                                  std::string("\0a\0\n", 4)}) {
    EXPECT_NE(refusal(text, {}).find("UTF-16"), std::string::npos) << text;
  }
  for (const std::string text :
       {"a,b\r1,2\r", "\"a\",\"b\"\r1,2\r", "a,b\r1,2\r\n3,4\r\n", "a,b\r"}) {
    EXPECT_NE(refusal(text, {}).find("end in CR alone"), std::string::npos) << text;
  }
  EXPECT_EQ(refusal("\n# x\n", {{"comment", "#"}}),
            " has no rows: its first one must name the columns");
  EXPECT_NE(refusal("a\n", {{"comment", "##"}}).find("--comment ##"), std::string::npos);
  EXPECT_NE(refusal("a\n", {{"comment", ","}}).find("--comment ,"), std::string::npos);
  EXPECT_EQ(refusal_of([] {
              features({{"FILE", "/none"}})->open();
            }),
            "cannot read /none: No such file or directory");
}

// What Python's csv module makes of text, a byte at a time: the places behind its rows.
std::vector<std::size_t> row_ends(std::string_view text, char comment) {
  enum { row_begin, cell_begin, in_cell, in_quotes, after_quote, in_comment } place = row_begin;
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (place == row_begin && c == comment) {
      place = in_comment;
    } else if (place == in_quotes) {
      if (c == '"') place = after_quote;
    } else if (c == '"' && (place <= cell_begin || place == after_quote)) {
      place = in_quotes;
    } else if (c == '\n') {
      place = row_begin;
      ends.push_back(at + 1);
    } else if (place != in_comment) {
      place = c == ',' ? cell_begin : in_cell;
    }
  }
  return ends;
}

TEST(CsvTest, rows_end_where_they_do_however_the_text_comes) {
  std::mt19937 random(10);
  for (int turn = 0; turn < 20'000; ++turn) {
    std::string text;
    for (auto size = random() % 40; size > 0; --size) text += "a,\"\"\n#\r,"[random() % 8];
    const CsvRules rules{',', turn % 2 == 0 ? '#' : '\0'};
    const auto expected = row_ends(text, rules.comment);
    CsvCursor whole(rules);
    ASSERT_EQ(whole.pass(text), expected.size()) << text;
    CsvCursor pieces(rules);
    CsvCursor counting(rules);
    std::vector<std::size_t> found;
    std::uint64_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
      auto piece = std::string_view(text).substr(at, 1 + random() % 5);
      count += counting.pass(piece);
      at += piece.size();
      for (auto end = pieces.find_row_end(piece); end != piece.npos;
           end = pieces.find_row_end(piece)) {
        piece.remove_prefix(end + 1);
        found.push_back(at - piece.size());
      }
    }
    ASSERT_EQ(found, expected) << text;
    ASSERT_EQ(count, expected.size()) << text;
    ASSERT_EQ(whole.in_quotes(), pieces.in_quotes()) << text;
    ASSERT_EQ(whole.enclosed_line_count(), pieces.enclosed_line_count()) << text;
  }
}

TEST(CsvTest, random_text_makes_rows_or_a_line_that_says_why_not) {
  std::mt19937 random(9);
  for (int turn = 0; turn < 500; ++turn) {
    std::string text = "a\n";
    for (auto size = random() % 30; size > 0; --size) text += "1,\"\n\r x"[random() % 7];
    EXPECT_NE(made(text, {{"set", "b=a"}}), "") << text;
  }
}

}  // namespace
}  // namespace taskrun::testing
