// SPDX-License-Identifier: MIT
// Standard input that comes while the run goes on, and may never end.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "launched_run.hpp"
#include "program_runs.hpp"
#include "sanitized.hpp"
#include "scratch_folder.hpp"
#include "taskrun/os/pipe.hpp"

#ifdef TASKRUN_PROGRAM

namespace taskrun::testing {
namespace {

const std::string program = TASKRUN_PROGRAM;

/// A run that is written to and read from while it goes on. Nothing of it stays behind.
class TalkingRun {
 public:
  explicit TalkingRun(const Command& command, int in_flags = 0) {
    Pipe in = make_pipe(in_flags);
    Pipe out = make_pipe();
    process_ = fork();
    if (process_ == 0) {
      setpgid(0, 0);
      dup2(in.reader.fd(), 0);
      dup2(out.writer.fd(), 1);
      execute(command);
    }
    in_ = std::move(in.writer);
    out_ = std::move(out.reader);
  }
  ~TalkingRun() {
    if (process_ <= 0) return;
    kill(-process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  TalkingRun(const TalkingRun&) = delete;
  TalkingRun& operator=(const TalkingRun&) = delete;

  /// False when nobody reads any more.
  bool say(std::string_view text) const {
    while (!text.empty()) {
      const auto count = write(in_.fd(), text.data(), text.size());
      if (count < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  /// The next line; empty at the end, or when it takes longer than a minute.
  std::string hear() {
    for (;;) {
      if (const auto end = heard_.find('\n'); end != heard_.npos) {
        const std::string line = heard_.substr(0, end);
        heard_.erase(0, end + 1);
        return line;
      }
      pollfd polled{out_.fd(), POLLIN, 0};
      char buffer[65536];
      if (poll(&polled, 1, 60'000) <= 0) return "";
      const auto count = read(out_.fd(), buffer, sizeof buffer);
      if (count <= 0) return "";
      heard_.append(buffer, static_cast<std::size_t>(count));
    }
  }
  /// Until all that was said is read, for a minute.
  bool await_reading() const {
    for (int waited = 0; waited < 60'000; waited += 5) {
      int unread = 0;
      if (ioctl(in_.fd(), FIONREAD, &unread) == 0 && unread == 0) return true;
      poll(nullptr, 0, 5);
    }
    return false;
  }
  void end_input() { in_.reset(); }
  void end_output() { out_.reset(); }
  void ask(int signal) const { kill(process_, signal); }

  struct End {
    int exit_code = 0;
    long most_memory_kilobytes = 0;
  };
  /// Waits for its end, for a minute.
  End wait() {
    End end;
    rusage usage{};
    int status = 0;
    Pipe ended = make_pipe();
    std::thread deadline([&] {
      pollfd polled{ended.reader.fd(), POLLIN, 0};
      if (poll(&polled, 1, 60'000) == 0) kill(-process_, SIGKILL);
    });
    wait4(process_, &status, 0, &usage);
    ended.writer.reset();
    deadline.join();
    kill(-process_, SIGKILL);
    process_ = -1;
    end.exit_code = exit_code_of(status);
    end.most_memory_kilobytes = usage.ru_maxrss;
    return end;
  }

 private:
  pid_t process_ = -1;
  Descriptor in_;
  Descriptor out_;
  std::string heard_;
};

std::string input_numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + "\n";
  return text;
}

/// The run's whole output for an input that ends.
Ended run_on(int ranks, const Words& words, const std::string& input) {
  const ScratchFolder folder;
  put_file(folder.file("in"), input);
  Words shell{"-c", "in=$1; shift; exec \"$@\" < \"$in\"", "sh", folder.file("in")};
  const Command inner = command(ranks, program, words);
  shell.insert(shell.end(), inner.arguments.begin(), inner.arguments.end());
  Command outer = inner;
  outer.arguments = {"/bin/sh"};
  outer.arguments.insert(outer.arguments.end(), shell.begin(), shell.end());
  return run(outer);
}

class StreamTest : public ::testing::TestWithParam<int> {
 protected:
  StreamTest() { signal(SIGPIPE, SIG_IGN); }
  Command isprime(Words words = {}) const {
    words.insert(words.begin(), {"isprime", "-q"});
    return command(GetParam(), program, words);
  }
};
INSTANTIATE_TEST_SUITE_P(local, StreamTest, ::testing::Values(0), ranks_name);
#ifdef WITH_MPI
INSTANTIATE_TEST_SUITE_P(mpi, StreamTest, ::testing::Values(1, 2, 3), ranks_name);
#endif

TEST_P(StreamTest, each_answer_comes_before_the_next_question) {
  TalkingRun run(isprime());
  for (int i = 0; i < 50; ++i) {
    run.say(std::to_string(i) + "\n");
    ASSERT_TRUE(run.hear().starts_with(std::to_string(i) + "\t"));
  }
  run.end_input();
  EXPECT_EQ(run.hear(), "");
  EXPECT_EQ(run.wait().exit_code, 0);
}

TEST_P(StreamTest, a_reader_that_leaves_ends_a_run_without_an_end) {
  TalkingRun run(isprime());
  std::thread endless([&] {
    std::string some;
    for (int i = 0; i < 1000; ++i) some += "97\n";
    while (run.say(some)) {
    }
  });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(run.hear(), "97\ttrue");
  run.end_output();
  EXPECT_EQ(run.wait().exit_code, 0);
  endless.join();
}

TEST_P(StreamTest, a_signal_ends_a_run_that_waits_for_input) {
  TalkingRun run(isprime());
  run.say("7\n");
  EXPECT_EQ(run.hear(), "7\ttrue");
  run.ask(SIGTERM);
  EXPECT_NE(run.wait().exit_code, 0);
}

TEST(StreamHeaderTest, a_signal_ends_a_run_that_waits_for_its_header) {
  signal(SIGPIPE, SIG_IGN);
  TalkingRun run(command(0, program, {"exec", "-q", "--csv", "echo {a}"}));
  run.say("a");
  ASSERT_TRUE(run.await_reading());
  run.ask(SIGTERM);
  EXPECT_EQ(run.wait().exit_code, 128 + SIGTERM);
}

// As event loops leave it to what they start.
TEST(StreamTextTest, a_stdin_that_does_not_block_is_waited_for) {
  signal(SIGPIPE, SIG_IGN);
  TalkingRun run(command(0, program, {"wordcount", "-q"}), O_NONBLOCK);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(run.say("a word\n"));
    ASSERT_TRUE(run.await_reading());
  }
  run.end_input();
  EXPECT_EQ(run.hear(), "100 words, 50 lines, 350 bytes in 1 text");
  EXPECT_EQ(run.wait().exit_code, 0);
}

TEST_P(StreamTest, lines_that_are_no_numbers_fail_alone) {
  const Ended ended = run_on(GetParam(), {"isprime", "-q"}, "7\nseven\n\n11\n");
  EXPECT_EQ(ended.out, "7\ttrue\n11\ttrue\n");
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_NE(ended.err.find("chunk 2 (item 2) failed: stdin:2: 'seven' is not a whole number"),
            std::string::npos)
      << ended.err;
}

// No more than a pipe holds: mpirun of Open MPI 4.1 may crash when it passes on more than is read
// at once, see README.md.
TEST_P(StreamTest, the_bytes_are_the_same_however_many_compute) {
  const std::string input = input_numbers(10'000);
  ASSERT_LT(input.size(), 61'440U);
  const Ended ended = run_on(GetParam(), {"isprime", "-q"}, input);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(ended.out == run_on(0, {"isprime", "-q", "--threads", "1"}, input).out);
}

class StreamMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (sanitized) GTEST_SKIP() << "a sanitizer keeps what was freed";
  }
};

TEST_F(StreamMemoryTest, memory_does_not_grow_with_the_input) {
  const std::string line = std::string(2000, '0') + "97\n";  // leading zeros are allowed
  std::string some;
  for (int i = 0; i < 100; ++i) some += line;
  TalkingRun run(command(0, program, {"isprime", "-q"}));
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i) run.say(some);  // 400 MB
    run.end_input();
  });
  int count = 0;
  while (!run.hear().empty()) ++count;
  writer.join();
  EXPECT_EQ(count, 200'000);
  const auto end = run.wait();
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_LT(end.most_memory_kilobytes, 250'000);
}

TEST_F(StreamMemoryTest, nor_with_its_lines) {
  TalkingRun run(command(0, program, {"isprime", "-q"}));
  std::thread writer([&] {
    const std::string some = std::string(200'000, '\n') + std::string(2'000'000, '0') + "97\n";
    for (int i = 0; i < 200; ++i) run.say(some);
    run.end_input();
  });
  int count = 0;
  while (!run.hear().empty()) ++count;
  writer.join();
  EXPECT_EQ(count, 200);
  EXPECT_LT(run.wait().most_memory_kilobytes, 400'000);
}

TEST(StreamJournalTest, a_run_that_is_resumed_reads_its_input_again) {
  const ScratchFolder folder;
  const std::string journal = folder.file("run.journal");
  const std::string input = input_numbers(3000);
  {
    TalkingRun run(command(0, program, {"isprime", "-q", "--journal", journal}));
    run.say(input.substr(0, input.find("\n2000\n") + 1));
    while (!run.hear().starts_with("1999\t")) {
    }
    run.ask(SIGTERM);
    EXPECT_EQ(run.wait().exit_code, 75);
  }
  const Ended status = run(command(0, program, {"status", journal}));
  EXPECT_NE(status.out.find("items, input still open"), std::string::npos) << status.out;
  const Ended other = run_on(0, {"resume", journal, "-q"}, "5\n" + input);
  expect_refused(other, 2, "is not the input that the journal is of: its first");
  EXPECT_EQ(other.out, "");
  const Ended ended = run_on(0, {"resume", journal, "-q", "--json", folder.file("json")}, input);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(ended.out == run_on(0, {"isprime", "-q"}, input).out);
  const auto told = nlohmann::json::parse(file_content(folder.file("json")));
  EXPECT_LE(told["account"]["chunks_computed"], 1000);
}

TEST(StreamJournalTest, a_complete_run_is_told_again_without_computing) {
  const ScratchFolder folder;
  const std::string journal = folder.file("run.journal");
  const std::string input = input_numbers(1000);
  const Ended first = run_on(0, {"isprime", "-q", "--journal", journal}, input);
  EXPECT_EQ(first.exit_code, 0) << first.err;
  const Ended again = run_on(0, {"resume", journal, "-q", "--json", folder.file("json")}, input);
  EXPECT_EQ(again.out, first.out) << again.err;
  const auto told = nlohmann::json::parse(file_content(folder.file("json")));
  EXPECT_EQ(told["account"]["chunks_computed"], 0);
}

#ifdef WITH_MPI

/// An mpirun that ends closes the pipe through which rank 0 reads.
class CutInputTest : public ::testing::TestWithParam<int> {
 protected:
  CutInputTest() { signal(SIGPIPE, SIG_IGN); }

  Words isprime(Words words = {}) const {
    words.insert(words.begin(), {"isprime", "-q"});
    return words;
  }
  // Its ranks may still be there for a moment.
  Ended resume(const std::string& input) const {
    for (int waited = 0;; waited += 50) {
      Ended ended = run_on(0, {"resume", journal, "-q"}, input);
      if (waited > 30'000 || ended.err.find("is in use") == std::string::npos) return ended;
      poll(nullptr, 0, 50);
    }
  }

  const ScratchFolder folder;
  const std::string journal = folder.file("run.journal");
};
INSTANTIATE_TEST_SUITE_P(mpi, CutInputTest, ::testing::Values(SIGKILL, SIGINT),
                         [](const auto& test) {
                           return test.param == SIGKILL ? "killed" : "interrupted";
                         });

TEST_P(CutInputTest, is_not_taken_for_all_of_it) {
  {
    TalkingRun run(command(2, program, isprime({"--journal", journal})));
    run.say("5\n7\n9");
    EXPECT_EQ(run.hear(), "5\ttrue");
    EXPECT_EQ(run.hear(), "7\ttrue");
    run.ask(GetParam());
    // What is in the pipe is no line yet, and never one of this run.
    EXPECT_EQ(run.hear(), "");
    EXPECT_NE(run.wait().exit_code, 0);
  }
  const std::string input = "5\n7\n97\n11\n";
  const Ended ended = resume(input);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, run_on(0, isprime(), input).out);
}

/// A launched run whose rank 0 is killed when some lines are done.
class LaunchStreamTest : public ::testing::Test {
 protected:
  Ended run_and_kill_rank_0(const std::string& redirected_launch) {
    put_file(file("in"), input_numbers(600));
    Command shell;
    shell.arguments = {"/bin/sh", "-c", redirected_launch, program};
    shell.directory = folder_.path();
    LaunchedRun run(shell);
    EXPECT_TRUE(wait_for_lines(file("out"), 50));
    kill(run.rank(0), SIGKILL);
    const Ended ended = run.wait();
    EXPECT_EQ(run.leftover_count(), 0U);
    return ended;
  }
  std::string file(const char* name) const { return folder_.file(name); }
  Ended run_shell(const std::string& script) const {
    Command shell;
    shell.arguments = {"/bin/sh", "-c", script, program};
    shell.directory = folder_.path();
    LaunchedRun run(shell);
    const Ended ended = run.wait();
    EXPECT_EQ(run.leftover_count(), 0U);
    return ended;
  }

  static constexpr const char* options =
      "launch -n 2 --io-threads 2 powers --power 2 --delay 5ms -q";
  const ScratchFolder folder_;
};

// More than pipes and buffers hold, and what another has left of it.
TEST_F(LaunchStreamTest, rank_0_reads_the_supervisors_input_itself) {
  const std::string input = input_numbers(sanitized ? 20'000 : 200'000);
  put_file(file("in"), "not a number\n" + input);
  for (const std::string job : {"isprime -q", "wordcount -q"}) {
    const std::string expected =
        run_on(0, job == "isprime -q" ? Words{"isprime", "-q"} : Words{"wordcount", "-q"}, input)
            .out;
    for (const std::string& from : {"(read line; exec \"$0\" launch -n 2 " + job + ") < in",
                                    "(read line; exec \"$0\" " + job + ") < in",
                                    "tail -n +2 in | \"$0\" launch -n 2 " + job}) {
      const Ended ended = run_shell(from);
      EXPECT_EQ(ended.exit_code, 0) << ended.err;
      EXPECT_TRUE(ended.out == expected) << from;
    }
  }
}

// As where its rank 0 is on a host that was not foreseen.
TEST_F(LaunchStreamTest, input_that_does_not_come_is_not_taken_for_none) {
  put_file(file("in"), "7\n");
  // An mpirun whose ranks are given the name of another supervisor.
  const std::string apart = "printf '#!/bin/sh\\nTASKRUN_LIFELINE=nobody exec " MPIEXEC
                            " \"$@\"\\n' > mpirun; chmod +x mpirun; PATH=.:$PATH; ";
  const Ended ended = run_shell(apart + "exec \"$0\" launch -n 2 isprime -q < in");
  expect_refused(ended, 2, "did not come to this rank");
}

TEST_F(LaunchStreamTest, a_file_is_read_again_when_rank_0_has_died) {
  const Ended ended = run_and_kill_rank_0(std::string("exec \"$0\" ") + options + " < in > out");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(file_content(file("out")),
            run_on(0, {"powers", "--power", "2", "-q"}, input_numbers(600)).out);
}

TEST_F(LaunchStreamTest, a_pipe_that_cannot_be_read_again_ends_the_run_with_one_line) {
  const Ended ended = run_and_kill_rank_0(std::string("cat in | \"$0\" ") + options + " > out");
  expect_refused(ended, 2, "a pipe cannot be read twice");
}

#endif

}  // namespace
}  // namespace taskrun::testing

#endif
