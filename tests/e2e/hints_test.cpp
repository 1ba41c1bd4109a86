// SPDX-License-Identifier: MIT
// Commands that messages propose: each is executed as it stands, where it was read.
#include <algorithm>

#include "program_runs.hpp"
#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

class HintTest : public ::testing::Test {
 protected:
  HintTest() {
    std::filesystem::create_symlink(test_program, folder.file("mine"));
#ifdef TASKRUN_PROGRAM
    std::filesystem::create_symlink(TASKRUN_PROGRAM, folder.file("taskrun"));
#endif
  }

  /// As a shell has it, in the folder.
  Ended shell(const std::string& script) const {
    Command command{{"/bin/bash", "-c", script}};
    command.directory = folder.path();
    return run(command);
  }

  static std::string cut(const std::string& text, const std::string& begin,
                         const std::string& end) {
    const auto at = text.find(begin);
    EXPECT_NE(at, std::string::npos) << text;
    if (at == std::string::npos) return "false";
    const auto from = at + begin.size();
    return text.substr(from, text.find(end, from) - from);
  }

  /// What follows these words on their line.
  static std::string after(const Ended& ended, const std::string& words) {
    return cut(ended.err + ended.out, words, "\n");
  }
  /// What stands in quotes and begins with the program's name.
  static std::string quoted(const Ended& ended) {
    return "./mine" + cut(ended.err, "'./mine", "'");
  }

  const ScratchFolder folder;
};

TEST_F(HintTest, a_chunk_is_run_alone) {
  const auto ended = shell("./mine failing --fail-always 2 --items 10 --chunks 10 -q --retries 0");
  EXPECT_EQ(ended.exit_code, 3);
  const std::string hint = after(ended, "to run one alone: ");
  EXPECT_TRUE(hint.starts_with("./mine failing --only-chunk ")) << hint;
  expect_refused(shell(hint), 3, "this chunk always fails");
}

TEST_F(HintTest, a_run_is_continued) {
  const auto ended =
      shell("./mine naps --items 30 --milliseconds 20 -j 1 -q --walltime 0.1s --journal 'my j'");
  expect_refused(ended, 75, "because the time is up");
  const std::string hint = after(ended, "; continue with: ");
  EXPECT_EQ(hint, "./mine resume 'my j'");
  const std::string of_status = after(shell("./mine status 'my j'"), "; continue with: ");
  EXPECT_EQ(of_status, hint);
  const std::string of_refusal = "./mine" + cut(shell("./mine naps --journal 'my j'").err,
                                                "continue it with './mine", ", or name");
  EXPECT_EQ(of_refusal, "./mine resume 'my j''");
  const auto resumed = shell(hint + " -q");
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(resumed.out, "30 naps\n");
}

TEST_F(HintTest, all_failures_are_listed) {
  const auto ended =
      shell("./mine failing --fail-always 12 --items 20 --chunks 20 -q --retries 0 --journal j");
  EXPECT_EQ(ended.exit_code, 3);
  const std::string hint = cut(ended.err, "; all: ", ")");
  EXPECT_EQ(cut(shell("./mine status j").out, "; all of them: ", "\n"), hint);
  const auto listed = shell(hint);
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  // A header, and each of them.
  EXPECT_EQ(std::count(listed.out.begin(), listed.out.end(), '\n'), 13) << listed.out;
}

TEST_F(HintTest, a_time_limit_without_a_journal_stops_early_and_says_that_nothing_was_kept) {
  const auto ended = shell("./mine naps --items 200 --milliseconds 20 -j 1 -q --walltime 0.1s");
  expect_refused(ended, 75, "nothing was kept, because there is no journal");
}

TEST_F(HintTest, the_jobs_and_the_options_are_shown) {
  for (const char* words : {"", "banana", "float_sum --banana 5", "status --banana",
                            "launch --banana", "compare --banana", "list --banana"}) {
    const auto ended = shell(std::string("./mine ") + words);
    EXPECT_EQ(ended.exit_code, 2) << words;
    const auto shown = shell(quoted(ended));
    EXPECT_EQ(shown.exit_code, 0) << words << ": " << shown.err;
    EXPECT_NE(shown.out, "") << words;
    EXPECT_EQ(shown.err, "") << words;
  }
}

#ifdef TASKRUN_PROGRAM
// More than are begun while the first one's failure is reported.
std::string values() {
  std::string text;
  for (int i = 0; i < 60; ++i) text += std::to_string(i) + "\n";
  return text;
}

TEST_F(HintTest, standard_input_comes_with_the_command_where_it_is_a_file) {
  put_file(folder.file("in put"), "a\nb\n" + values());
  const auto ended = shell("./taskrun exec -q test {} != b < 'in put'");
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  const std::string hint = after(ended, "to run one alone: ");
  expect_refused(shell(hint), 3, "exit code 1");
  const auto stopped =
      shell("./taskrun exec -q -j 1 --on-error stop --journal j test {} != b < 'in put'");
  EXPECT_EQ(stopped.exit_code, 75) << stopped.err;
  // What fails again stops the run again.
  EXPECT_EQ(shell(after(stopped, "; continue with: ")).exit_code, 75);
}

TEST_F(HintTest, standard_input_that_cannot_come_with_the_command_is_asked_for) {
  const auto ended = shell("printf 'a\\nb\\n' | ./taskrun exec -q test {} != b");
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  const std::string hint = after(ended, "to run one alone, given the same standard input: ");
  expect_refused(shell("printf 'a\\nb\\n' | " + hint), 3, "exit code 1");
}

TEST_F(HintTest, standard_input_is_not_asked_for_where_none_is_read) {
  put_file(folder.file("list"), "b\n" + values());
  const auto page = shell("echo x | ./taskrun fetch -q http://127.0.0.1:9/");
  EXPECT_NE(page.err.find("to run one alone: ./taskrun fetch "), std::string::npos) << page.err;
  for (const char* from : {"::: $(cat list)", ":::: list"}) {
    const auto ended =
        shell("echo x | ./taskrun exec -q -j 1 --on-error stop --journal j test {} != b " +
              std::string(from) + "; rm j");
    EXPECT_NE(ended.err.find("; continue with: ./taskrun resume j\n"), std::string::npos)
        << ended.err;
  }
}
#endif

}  // namespace
}  // namespace taskrun::testing
