// SPDX-License-Identifier: MIT
// How running commands end when their run is to end: they are asked to, have time for it, and
// nothing is left; and that they stand still while their run does.
#ifdef TASKRUN_PROGRAM
#include <signal.h>

#include <fstream>

#include "launched_run.hpp"
#include "process_end.hpp"
#include "program_runs.hpp"
#include "sanitized.hpp"
#include "scratch_folder.hpp"
#include "taskrun/os/descendants.hpp"

namespace taskrun::testing {
namespace {

class ExecStopTest : public ::testing::Test {
 protected:
  // Run options come first. The command is a grandchild of the shell that --shell starts, which
  // ends at once: also those that it leaves behind have their time.
  Words exec(Words options, const std::string& on_term, const Words& values = {"a", "b"}) const {
    Words words{"exec", "-q"};
    words.insert(words.end(), options.begin(), options.end());
    const std::string command =
        "trap '" + on_term + "' TERM; echo $$ >>" + log() + "; sleep 600 & wait; wait; wait";
    words.insert(words.end(), {"sh", "-c", "(sh -c \"$1\"); :", "sh", command, ":::"});
    words.insert(words.end(), values.begin(), values.end());
    return words;
  }
  Words exec(Words options) const {
    return exec(std::move(options),
                "sleep 0.1; echo saved >&2; echo cleaned >>" + cleaned() + "; exit");
  }
  std::string log() const { return folder_.file("log"); }
  std::string cleaned() const { return folder_.file("cleaned"); }

  Words pids() const {
    std::ifstream in(log());
    return {std::istream_iterator<std::string>(in), {}};
  }
  void expect_none_left() const {
    for (const auto& pid : pids()) EXPECT_TRUE(ends(std::stoi(pid))) << pid;
  }

  const ScratchFolder folder_;
};

// Whatever the way: the commands' handlers have run when the program ends.
class ExecSignalTest : public ExecStopTest, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(stop, ExecSignalTest, ::testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& info) {
                           return "by_signal_" + std::to_string(info.param);
                         });

TEST_P(ExecSignalTest, commands_are_asked_to_end_and_have_time_for_it) {
  LaunchedRun run(command(0, TASKRUN_PROGRAM, exec({"-j", "2"})));
  ASSERT_TRUE(wait_for_lines(log(), 2));
  kill(run.supervisor(), GetParam());
  const auto ended = run.wait();
  EXPECT_EQ(ended.exit_code, 128 + GetParam()) << ended.err;
  EXPECT_EQ(content(cleaned()), "cleaned\ncleaned\n");
  EXPECT_NE(ended.err.find("saved\nsaved\n"), std::string::npos) << ended.err;
  expect_none_left();
}

TEST_F(ExecStopTest, what_does_not_end_in_time_is_killed) {
  LaunchedRun run(
      command(0, TASKRUN_PROGRAM, exec({"-j", "2", "--grace", "100ms"}, "echo no >>" + cleaned())));
  ASSERT_TRUE(wait_for_lines(log(), 2));
  kill(run.supervisor(), SIGTERM);
  EXPECT_EQ(run.wait().exit_code, 128 + SIGTERM);
  EXPECT_EQ(content(cleaned()), "no\nno\n");
  expect_none_left();
}

TEST_F(ExecStopTest, who_asks_twice_does_not_wait) {
  LaunchedRun run(
      command(0, TASKRUN_PROGRAM, exec({"-j", "2", "--grace", "1h"}, "echo no >>" + cleaned())));
  ASSERT_TRUE(wait_for_lines(log(), 2));
  kill(run.supervisor(), SIGINT);
  ASSERT_TRUE(wait_for_lines(cleaned(), 2));
  kill(run.supervisor(), SIGINT);
  const auto ended = run.wait();
  EXPECT_FALSE(ended.timed_out);
  EXPECT_EQ(ended.exit_code, 128 + SIGINT) << ended.err;
  expect_none_left();
}

TEST_F(ExecStopTest, commands_that_were_asked_to_end_die_with_the_run_all_the_same) {
  LaunchedRun run(
      command(0, TASKRUN_PROGRAM, exec({"-j", "2", "--grace", "1h"}, "echo no >>" + cleaned())));
  ASSERT_TRUE(wait_for_lines(log(), 2));
  kill(run.supervisor(), SIGTERM);
  ASSERT_TRUE(wait_for_lines(cleaned(), 2));
  kill(run.supervisor(), SIGKILL);
  run.wait();
  expect_none_left();
}

TEST_F(ExecStopTest, a_walltime_and_a_failure_ask_as_well) {
  const auto timed = run(command(0, TASKRUN_PROGRAM, exec({"-j", "2", "--walltime", "2s"})));
  EXPECT_FALSE(timed.timed_out);
  EXPECT_EQ(content(cleaned()), "cleaned\ncleaned\n") << timed.err;
  Words words = exec({"-j", "2", "--on-error", "stop"});
  // The second one fails when the first runs.
  words.at(words.size() - 6) =
      "test $2 = a && exec sh -c \"$1\"; while ! test -s " + log() + "; do sleep 0.01; done; false";
  std::filesystem::remove(cleaned());
  std::filesystem::remove(log());
  const auto failed = run(command(0, TASKRUN_PROGRAM, words));
  EXPECT_EQ(failed.exit_code, 3) << failed.err;
  EXPECT_EQ(content(cleaned()), "cleaned\n");
  expect_none_left();
}

TEST_F(ExecStopTest, a_time_limit_leaves_time_to_end) {
  const auto ended = run(command(0, TASKRUN_PROGRAM, exec({"-j", "2", "--timeout", "300ms"})));
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(content(cleaned()), "cleaned\ncleaned\n");
  EXPECT_NE(ended.err.find("took longer than 0.3 s"), std::string::npos) << ended.err;
}

TEST_F(ExecStopTest, also_a_command_that_takes_longer_than_others_has_time_to_end) {
  Words words = exec({"-j", "1", "--timeout", "5x"}, "echo cleaned >>" + cleaned() + "; exit");
  words.at(words.size() - 6) = "test $2 = a && exec sh -c \"$1\"; :";
  words.erase(words.end() - 2, words.end());
  words.insert(words.end(), {"1", "2", "3", "4", "a", "5"});
  const auto ended = run(command(0, TASKRUN_PROGRAM, words));
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_NE(ended.err.find("(item 5) failed: took longer than 5x the median"), std::string::npos)
      << ended.err;
  EXPECT_NE(ended.err.find("1 of 6 chunks failed"), std::string::npos) << ended.err;
  EXPECT_EQ(content(cleaned()), "cleaned\n");
}

TEST_F(ExecStopTest, a_run_whose_reader_is_gone_asks_as_well) {
  Words words{"/bin/sh", "-c", "\"$@\" | head -n 1", "sh", TASKRUN_PROGRAM};
  const Words rest = exec({"-j", "2", "--unordered"});
  words.insert(words.end(), rest.begin(), rest.end());
  // The second value's command writes until nobody reads.
  words.at(words.size() - 6) =
      "test $2 = a && exec sh -c \"$1\"; while ! test -s " + log() + "; do sleep 0.01; done; echo";
  for (int i = 0; i < 20; ++i) words.push_back("c");
  const auto ended = run({words});
  EXPECT_FALSE(ended.timed_out);
  EXPECT_EQ(content(cleaned()), "cleaned\n") << ended.err;
  expect_none_left();
}

TEST_F(ExecStopTest, nothing_is_left_where_the_process_that_isolates_is_killed) {
  LaunchedRun run(command(0, TASKRUN_PROGRAM, exec({"-j", "2"})));
  ASSERT_TRUE(wait_for_lines(log(), 2));
  kill(run.zygote(0), SIGKILL);
  const auto ended = run.wait();
  EXPECT_EQ(ended.exit_code, 4) << ended.err;
  expect_none_left();
}

// Ctrl-Z, and `fg`: the run may be stopped whoever does it.
TEST_F(ExecStopTest, commands_stand_still_while_their_run_does) {
  Words words{"exec",
              "-q",
              "--timeout",
              "20s",
              "--shell",
              "echo $$ >>" + log() + "; while ! test -e " + folder_.file("go") +
                  "; do sleep 0.01; done; echo {}",
              ":::",
              "a"};
  LaunchedRun run(command(0, TASKRUN_PROGRAM, words));
  ASSERT_TRUE(wait_for_lines(log(), 1));
  const pid_t shell = std::stoi(pids().at(0));
  kill(run.supervisor(), SIGSTOP);
  EXPECT_TRUE(run.wait_for_stopped(2));  // the run, and the helper beside it
  EXPECT_EQ(process_state(shell), 'T');
  std::ofstream(folder_.file("go")) << "x";
  kill(run.supervisor(), SIGCONT);
  const auto ended = run.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "a\n");
}

TEST_F(ExecStopTest, a_command_has_no_terminal_to_read) {
  Command reads = command(0, TASKRUN_PROGRAM,
                          {"exec", "-q", "--shell", "read x </dev/tty; echo {} $?", ":::", "a"});
  reads.out = Command::Out::terminal;
  const auto ended = run(reads);
  EXPECT_FALSE(ended.timed_out);
  EXPECT_NE(ended.out.find("/dev/tty"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("a 2"), std::string::npos) << ended.out;
}

#ifdef WITH_MPI

TEST_F(ExecStopTest, also_mpi_runs_leave_time_to_end) {
  LaunchedRun run(command(2, TASKRUN_PROGRAM, exec({"-j", "1"})));
  ASSERT_TRUE(wait_for_lines(log(), 2));
  kill(run.supervisor(), SIGTERM);
  run.wait();
  ASSERT_TRUE(wait_for_lines(cleaned(), 2));
  expect_none_left();
}

TEST_F(ExecStopTest, also_mpi_runs_under_a_supervisor_do) {
  Words words = exec({"-j", "1"});
  words.insert(words.begin(), {"launch", "-n", "2"});
  Command launched = command(0, TASKRUN_PROGRAM, words);
  launched.directory = folder_.path();
  LaunchedRun run(launched);
  ASSERT_TRUE(wait_for_lines(log(), 2));
  kill(run.supervisor(), SIGTERM);
  EXPECT_EQ(run.wait().exit_code, 75);
  EXPECT_EQ(content(cleaned()), "cleaned\ncleaned\n");
  expect_none_left();
}

#endif

}  // namespace
}  // namespace taskrun::testing
#endif
