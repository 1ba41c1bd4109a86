// SPDX-License-Identifier: MIT
#include "taskrun/launch/launcher_text.hpp"

#include <gtest/gtest.h>

namespace taskrun::testing {
namespace {

const std::string ruler(74, '-');

TEST(LauncherTextTest, lines_of_ranks_pass) {
  LauncherText text;
  EXPECT_EQ(text.filter("a line\nand the next\n"), "a line\nand the next\n");
}

TEST(LauncherTextTest, a_line_that_comes_in_parts_is_shown_once_it_is_whole) {
  LauncherText text;
  EXPECT_EQ(text.filter("a li"), "");
  EXPECT_EQ(text.filter("ne\nand a"), "a line\n");
  EXPECT_EQ(text.rest(), "and a\n");
}

TEST(LauncherTextTest, what_the_launcher_says_at_each_death_is_left_out) {
  LauncherText text;
  EXPECT_EQ(text.filter("[vm:12] PMIX ERROR: BAD-PARAM in file x.c at line 1033\nmine\n"),
            "mine\n");
  EXPECT_EQ(text.filter("mpirun: Forwarding signal 18 to job\n"), "");
  EXPECT_EQ(text.filter(ruler + "\nPrimary job terminated normally, but 1 process\n" + ruler +
                        "\nmine\n"),
            "mine\n");
}

TEST(LauncherTextTest, a_ruler_of_a_rank_swallows_at_most_a_screenful) {
  LauncherText text;
  std::string lines = ruler + "\n";
  for (int i = 0; i < 100; ++i) lines += "row " + std::to_string(i) + "\n";
  EXPECT_EQ(text.filter(lines), lines);
}

TEST(LauncherTextTest, a_host_that_ssh_does_not_reach_is_the_cause) {
  LauncherText text;
  EXPECT_EQ(
      text.filter("ssh: Could not resolve hostname nosuch: Name or service not known\r\n" + ruler +
                  "\nORTE was unable to reliably start one or more daemons.\n" + ruler + "\n"),
      "");
  EXPECT_NE(text.cause().find("nosuch"), std::string::npos);
  EXPECT_EQ(text.cause().find('\r'), std::string::npos);
}

TEST(LauncherTextTest, a_host_where_the_program_does_not_run_is_named) {
  LauncherText text;
  EXPECT_EQ(text.filter(missing_program_mark + std::string("node7 sh: not found\n")), "");
  EXPECT_TRUE(text.hopeless());
  EXPECT_EQ(text.cause(),
            "the program does not run on host node7 (sh: not found); install the same build there, "
            "at the same path");
}

TEST(LauncherTextTest, another_trouble_is_told_by_the_first_paragraph_of_the_first_block) {
  LauncherText text;
  text.filter(ruler + "\nThere are not enough slots:\n  the program\n\nMore.\n" + ruler + "\n");
  EXPECT_EQ(text.cause(), "mpirun says: There are not enough slots: the program");
}

TEST(LauncherTextTest, words_of_a_far_rank_0_are_taken_once) {
  LauncherText text;
  EXPECT_EQ(text.filter(far_word_mark + std::string("3 75\n")), "");
  const auto words = text.take_words();
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].kind, LifelineWord::Kind::verdict);
  EXPECT_EQ(words[0].value, 75U);
  EXPECT_TRUE(text.take_words().empty());
}

}  // namespace
}  // namespace taskrun::testing
