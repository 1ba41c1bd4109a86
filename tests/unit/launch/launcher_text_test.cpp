// SPDX-License-Identifier: MIT
#include "taskrun/launch/launcher_text.hpp"

#include <gtest/gtest.h>

#include <array>

#include "taskrun/launch/err_relay.hpp"
#include "taskrun/launch/err_writer.hpp"
#include "taskrun/os/pipe.hpp"
#include "taskrun/os/write_all.hpp"

namespace taskrun::testing {
namespace {

const std::string ruler(74, '-');
const std::string secret = "0123456789abcdef0123456789abcdef";
const std::string another = "0123456789abcdef0123456789abcdee";

std::string trouble(const std::string& of, const std::string& said) {
  return "\x1e" + of + "c" + said + "\n";
}

TEST(LauncherTextTest, other_lines_pass) {
  LauncherText text(secret);
  EXPECT_EQ(text.filter("a line\nand the next\n"), "a line\nand the next\n");
}

TEST(LauncherTextTest, a_line_that_comes_in_parts_is_shown_once_it_is_whole) {
  LauncherText text(secret);
  EXPECT_EQ(text.filter("a li"), "");
  EXPECT_EQ(text.filter("ne\nand a"), "a line\n");
  EXPECT_EQ(text.rest(), "and a\n");
}

TEST(LauncherTextTest, what_the_launcher_says_at_each_death_is_left_out) {
  LauncherText text(secret);
  EXPECT_EQ(text.filter("[vm:12] PMIX ERROR: BAD-PARAM in file x.c at line 1033\nmine\n"),
            "mine\n");
  EXPECT_EQ(text.filter("[node0:17120] plm:rsh: Warning: setpgid(7,7) failed in parent\n"), "");
  EXPECT_EQ(text.filter("[node0] mine\n"), "[node0] mine\n");
  EXPECT_EQ(text.filter("mpirun: Forwarding signal 18 to job\n"), "");
  EXPECT_EQ(text.filter(ruler + "\nPrimary job terminated normally, but 1 process\n" + ruler +
                        "\nmine\n"),
            "mine\n");
}

TEST(LauncherTextTest, zero_bytes_of_the_launcher_are_left_out) {
  LauncherText text(secret);
  const std::string zero(1, '\0');
  EXPECT_EQ(text.filter(zero + "\n" + zero + "[vm:12] *** An error occurred\n" + zero + "mine\n"),
            "mine\n");
  EXPECT_EQ(text.filter(zero), "");
  EXPECT_EQ(text.rest(), "");
}

TEST(LauncherTextTest, a_ruler_of_a_rank_swallows_at_most_a_screenful) {
  LauncherText text(secret);
  std::string lines = ruler + "\n";
  for (int i = 0; i < 100; ++i) lines += "row " + std::to_string(i) + "\n";
  EXPECT_EQ(text.filter(lines), lines);
}

TEST(LauncherTextTest, a_host_that_ssh_does_not_reach_is_the_cause) {
  LauncherText text(secret);
  EXPECT_EQ(
      text.filter("ssh: Could not resolve hostname nosuch: Name or service not known\r\n" + ruler +
                  "\nORTE was unable to reliably start one or more daemons.\n" + ruler + "\n"),
      "");
  EXPECT_NE(text.cause().find("nosuch"), std::string::npos);
  EXPECT_EQ(text.cause().find('\r'), std::string::npos);
}

TEST(LauncherTextTest, a_host_where_the_program_does_not_run_is_named) {
  LauncherText text(secret);
  EXPECT_EQ(text.filter(trouble(secret, "node7 sh: not found")), "");
  EXPECT_TRUE(text.hopeless());
  EXPECT_EQ(text.cause(),
            "the program does not run on host node7 (sh: not found); install the same build there, "
            "at the same path");
}

TEST(LauncherTextTest, another_trouble_is_told_by_the_first_paragraph_of_the_first_block) {
  LauncherText text(secret);
  text.filter(ruler + "\nThere are not enough slots:\n  the program\n\nMore.\n" + ruler + "\n");
  EXPECT_EQ(text.cause(), "mpirun says: There are not enough slots: the program");
}

TEST(LauncherTextTest, what_is_said_of_interfaces_is_told_with_all_that_it_may_mean) {
  for (const char* said :
       {"No network interfaces were found for out-of-band communications. We require\nat least one",
        "The PMIx server's listener thread failed to start. We cannot\ncontinue."}) {
    LauncherText text(secret);
    EXPECT_EQ(text.filter(ruler + "\n" + said + "\n" + ruler + "\n"), "");
    EXPECT_TRUE(text.cause().starts_with("mpirun cannot listen to its ranks: ")) << text.cause();
    EXPECT_EQ(text.cause().find("out-of-band"), std::string::npos);
  }
}

TEST(LauncherTextTest, words_of_a_far_rank_0_are_taken_once_wherever_they_come_and_however_cut) {
  const std::string word = far_word(secret, {LifelineWord::Kind::verdict, 0, 75});
  for (std::size_t cut = 0; cut <= word.size(); ++cut) {
    LauncherText text(secret);
    EXPECT_EQ(text.filter("begin of a line, " + word.substr(0, cut)), "");
    EXPECT_EQ(text.filter(word.substr(cut) + "and its end\n"), "begin of a line, and its end\n");
    const auto words = text.take_words();
    ASSERT_EQ(words.size(), 1U);
    EXPECT_EQ(words[0].kind, LifelineWord::Kind::verdict);
    EXPECT_EQ(words[0].value, 75U);
    EXPECT_TRUE(text.take_words().empty());
  }
}

// What was taken for words once, and what another run's would look like.
TEST(LauncherTextTest, nothing_is_taken_for_a_word_without_the_secret_of_the_run) {
  const std::string all = "taskrun-tells 3 0\ntaskrun-cannot-start host why\n" +
                          far_word(another, {LifelineWord::Kind::verdict, 0, 0}) +
                          trouble(another, "node7 why") + far_text(another, 1, "text\n");
  for (const bool in_text : {true, false}) {
    LauncherText text(secret);
    EXPECT_EQ(text.filter(in_text ? far_text(secret, 1, all) : all), all);
    EXPECT_TRUE(text.take_words().empty());
    EXPECT_FALSE(text.hopeless());
  }
}

TEST(LauncherTextTest, after_the_start_nothing_that_ranks_write_is_left_out) {
  LauncherText text(secret);
  text.on_started();
  const std::string lines =
      ruler + "\nmpirun: mine\nssh: mine\nConnection to mine\n" + "[vm:12] PMIX ERROR: mine\n";
  EXPECT_EQ(text.filter(far_text(secret, 5, lines)), lines);
  EXPECT_EQ(text.filter_ranks(lines), lines);
  EXPECT_EQ(text.cause(), "");
  EXPECT_EQ(text.filter(lines), "") << "of the launcher itself";
}

TEST(LauncherTextTest, lines_of_several_ranks_do_not_mix) {
  LauncherText text(secret);
  EXPECT_EQ(text.filter(far_text(secret, 1, "one")), "");
  EXPECT_EQ(text.filter(far_text(secret, 2, "two\nand")), "two\n");
  EXPECT_EQ(text.filter(far_text(secret, 1, " line\n")), "one line\n");
  EXPECT_EQ(text.rest(), "and\n");
}

TEST(LauncherTextTest, a_line_without_an_end_takes_little_memory) {
  LauncherText text(secret);
  text.on_started();
  const std::string much(most_far_text, 'x');
  std::size_t shown = 0;
  for (int i = 0; i < 100; ++i) shown += text.filter(far_text(secret, 1, much)).size();
  EXPECT_GT(shown, 80 * most_far_text);
}

TEST(LauncherTextTest, text_that_nobody_takes_yet_waits_and_blocks_nobody) {
  Pipe user = make_pipe();
  ErrWriter err(user.writer.fd());
  std::string text;
  for (int i = 0; text.size() < 2'000'000; ++i) text += "line " + std::to_string(i) + "\n";
  err.add(text);
  err.write_some();
  EXPECT_TRUE(err.full());
  std::string taken;
  std::array<char, 65536> buffer{};
  while (!err.empty()) {
    const auto size = read(user.reader.fd(), buffer.data(), buffer.size());
    ASSERT_GT(size, 0);
    taken.append(buffer.data(), static_cast<std::size_t>(size));
    err.write_some();
  }
  user.writer.reset();
  for (ssize_t size = 0; (size = read(user.reader.fd(), buffer.data(), buffer.size())) > 0;) {
    taken.append(buffer.data(), static_cast<std::size_t>(size));
  }
  EXPECT_EQ(taken, text);
}

// A relay of a far rank; the pipe is what its launcher reads.
TEST(LauncherTextTest, a_relay_marks_all_that_is_written_until_its_end) {
  Pipe launcher = make_pipe();
  Descriptor way = start_err_relay(launcher.writer.fd(), secret, 3);
  launcher.writer.reset();
  ASSERT_TRUE(way.open());
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "taskrun-tells 3 " + std::to_string(i) + "\n";
  ASSERT_TRUE(write_all(way.fd(), lines));
  way.reset();
  LauncherText text(secret);
  text.on_started();
  std::string shown;
  std::array<char, most_far_bytes> buffer{};
  for (ssize_t size = 0; (size = read(launcher.reader.fd(), buffer.data(), buffer.size())) > 0;) {
    EXPECT_EQ(buffer[0], '\x1e') << "a read begins in the middle of a piece";
    shown += text.filter({buffer.data(), static_cast<std::size_t>(size)});
  }
  EXPECT_EQ(shown, lines);
}

}  // namespace
}  // namespace taskrun::testing
