// SPDX-License-Identifier: MIT
#include "taskrun/core/printable.hpp"

#include <gtest/gtest.h>

#include "taskrun/core/shell_words.hpp"

namespace taskrun {
namespace {

TEST(PrintableTest, what_people_can_read_stays_as_it_is) {
  for (const char* text :
       {"", "plain ~", "Caf\u00e9 \u00a0", "\u65e5\u672c \U0001f600", "\ufeffx"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(PrintableTest, what_a_terminal_acts_on_is_not_shown) {
  EXPECT_EQ(printable("\x1b[31mred\x7f"), "?[31mred?");
  EXPECT_EQ(printable("a\r\nforged: line\tb"), "a??forged: line?b");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
  // C1 as UTF-8, and as a byte.
  EXPECT_EQ(printable("\u009b31m\u0080"), "?31m?");
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "?31m");
}

TEST(PrintableTest, text_is_shown_in_the_order_that_it_has) {
  EXPECT_EQ(printable("invoice\u202etxt.exe"), "invoice?txt.exe");
  EXPECT_EQ(printable("\u061c\u200e\u200f\u202a\u2066\u2069\u2028\u2029"), "????????");
}

TEST(PrintableTest, bytes_that_are_no_utf8_are_not_shown) {
  EXPECT_EQ(printable("Caf\xe9"), "Caf?");
  EXPECT_EQ(printable("\xc0\xaf|\xe0\x80\x80|\xed\xa0\x80|\xf4\x90\x80\x80|\xff"),
            "??|???|???|????|?");
  EXPECT_EQ(printable("\xe2\x82"), "??");
}

TEST(PrintableTest, a_character_is_not_cut_in_two) {
  EXPECT_EQ(first_bytes("abc", 3), "abc");
  EXPECT_EQ(first_bytes("a\u20acb", 2), "a");
  EXPECT_EQ(first_bytes("a\u20acb", 3), "a");
  EXPECT_EQ(first_bytes("a\u20acb", 4), "a\u20ac");
  EXPECT_EQ(first_bytes("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
}

TEST(ShellWordsTest, a_word_that_a_terminal_would_act_on_is_written_without_that) {
  EXPECT_EQ(printable_shell_word("it's \u00e9"), "'it'\\''s \u00e9'");
  EXPECT_EQ(printable_shell_word("\x1b[31m'\\\n9"), R"($'\033[31m\'\\\0129')");
  EXPECT_EQ(printable_shell_word("Caf\xe9"), R"($'Caf\351')");
  EXPECT_EQ(printable_shell_word("\u009b\u202e"), R"($'\302\233\342\200\256')");
}

}  // namespace
}  // namespace taskrun
