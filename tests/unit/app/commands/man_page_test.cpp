// SPDX-License-Identifier: MIT
#include "app/commands/man_page.hpp"

#include <gtest/gtest.h>

#include "app/commands/commands.hpp"
#include "shell_says.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

struct Quoting : FloatSum {
  bool odd = false;
  void params(Params& p) {
    FloatSum::params(p);
    p.flag("odd-one", odd, ".starts like a request, C:\\n and “quotes” …");
    p.example("--odd-one -- 'a b'", "'tis odd");
  }
};

std::string page() {
  Registry jobs;
  jobs.add<Quoting>("quote", "quote things");
  return man_page("prog", all_commands(), jobs);
}

TEST(ManPageTest, every_command_job_option_and_exit_code_is_there) {
  const std::string text = page();
  for (const Command& command : all_commands().named) {
    EXPECT_NE(text.find(".SS " + std::string(command.name) + "\n"), text.npos) << command.name;
  }
  for (const char* said :
       {".TH PROG 1", ".SS quote\nquote things.\n", "\\fB\\-\\-odd\\-one\\fR\n", "\\fB75\\fR\n",
        "\\fB\\-j, \\-\\-threads N\\fR\n", "\\fB\\-n, \\-\\-ranks N\\fR\n",
        "\\&.starts like a request, C:\\en and \\[u201C]quotes\\[u201D] \\[u2026]\n",
        "\\fBprog quote \\-\\-odd\\-one \\-\\- 'a b'\\fR\n\\&'tis odd\n"}) {
    EXPECT_NE(text.find(said), text.npos) << said << "\n" << text;
  }
}

TEST(ManPageTest, readers_of_manual_pages_find_no_fault) {
  for (const char* reader : {"groff -man -ww -z", "mandoc -T lint -W error"}) {
    const std::string command = reader;
    if (!is_there(command.substr(0, command.find(' ')))) continue;
    EXPECT_EQ(said_by(command, page()), "0\n");
  }
}

}  // namespace
}  // namespace taskrun::testing
