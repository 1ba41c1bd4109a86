// SPDX-License-Identifier: MIT
#include "taskrun/report/console.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

namespace taskrun {
namespace {

std::string read_all(int fd) {
  std::string text;
  char buffer[1000];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

// A pipe and a pseudo-terminal; what was written to each is read at the end.
class ConsoleTest : public ::testing::Test {
 protected:
  ConsoleTest() {
    setenv("TERM", "xterm", 1);
    EXPECT_EQ(pipe2(pipe_, O_CLOEXEC | O_NONBLOCK), 0);
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    EXPECT_EQ(grantpt(master_), 0);
    EXPECT_EQ(unlockpt(master_), 0);
    slave_ = open(ptsname(master_), O_RDWR | O_NOCTTY);
  }
  ~ConsoleTest() override {
    for (const int fd : {pipe_[0], pipe_[1], master_, slave_}) close(fd);
  }

  std::optional<Terminal> terminal() const { return Terminal::on(dup(slave_), getpgrp()); }
  std::string piped() const { return read_all(pipe_[0]); }
  std::string shown() const { return read_all(master_); }

  int pipe_[2];
  int master_;
  int slave_;
};

TEST_F(ConsoleTest, a_pipe_is_no_terminal) {
  EXPECT_FALSE(Terminal::on(dup(pipe_[1]), getpgrp()).has_value());
}

TEST_F(ConsoleTest, a_dumb_terminal_is_left_alone) {
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(terminal().has_value());
}

TEST_F(ConsoleTest, without_a_terminal_there_are_lines_only) {
  Console console(pipe_[1], std::nullopt);
  console.draw("bar");
  console.line("text");
  console.clear();
  EXPECT_EQ(piped(), "taskrun: text\n");
}

TEST_F(ConsoleTest, text_from_outside_makes_no_line_and_no_escape_code) {
  Console console(pipe_[1], terminal());
  console.line("cannot read a\ntaskrun: forged \x1b[31m\u009b31m");
  console.paragraph("two\n  lines\x1b");
  EXPECT_EQ(piped(), "taskrun: cannot read a?taskrun: forged ?[31m?31m\ntaskrun: two\n  lines?\n");
  console.draw("b\x1b]0;ar");
  EXPECT_EQ(shown(), "\rb?]0;ar\x1b[K");
}

TEST_F(ConsoleTest, the_bar_goes_before_a_line_comes) {
  Console console(pipe_[1], terminal());
  console.draw("bar");
  console.line("text");
  EXPECT_EQ(shown(), "\rbar\x1b[K\r\x1b[Ktaskrun: text\r\n");
  EXPECT_EQ(piped(), "");
}

TEST_F(ConsoleTest, the_bar_goes_at_the_end) {
  { Console(pipe_[1], terminal()).draw("bar"); }
  EXPECT_EQ(shown(), "\rbar\x1b[K\r\x1b[K");
}

}  // namespace
}  // namespace taskrun
