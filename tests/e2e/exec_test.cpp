// SPDX-License-Identifier: MIT
// Commands run by the program: how failures are told, that none is run twice, and that nothing of
// them is left behind, whatever they do and whoever dies.
#ifdef TASKRUN_PROGRAM
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "process_end.hpp"
#include "program_runs.hpp"
#include "scratch_folder.hpp"
#include "taskrun/os/cpu_count.hpp"

namespace taskrun::testing {
namespace {

// Run options come first.
Ended exec(int ranks, Words words) {
  words.insert(words.begin(), {"exec", "-q"});
  return run(command(ranks, TASKRUN_PROGRAM, words));
}

Words sorted_lines(const std::string& text) {
  std::istringstream in(text);
  Words lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

class ExecRunTest : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(run, ExecRunTest, ::testing::ValuesIn(few_rank_counts), ranks_name);

TEST_P(ExecRunTest, commands_that_fail_are_named_and_their_output_is_kept) {
  const auto ended =
      exec(GetParam(), {"--shell", "echo {}; exit {}", ":::", "0", "7", "0", "3", "0"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.out, "0\n7\n0\n3\n0\n");
  const auto lines = lines_of_taskrun(ended.err);
  ASSERT_EQ(lines.size(), 4U) << ended.err;
  EXPECT_NE(lines[0].find("chunk 2 (item 2) failed: exit code 7: "), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("chunk 4 (item 4) failed: exit code 3: "), std::string::npos) << lines[1];
}

TEST_P(ExecRunTest, a_command_that_is_not_there_is_refused) {
  expect_refused(exec(GetParam(), {"no-such-command-here", "{}", ":::", "a"}), 2,
                 "there is no command 'no-such-command-here' in PATH");
}

TEST_P(ExecRunTest, no_command_is_run_twice) {
  const ScratchFolder folder;
  const std::string log = folder.file("log");
  Words words{"--shell", "echo {} >>" + log + "; sleep 0.0{}", ":::"};
  Words wanted;
  for (int i = 10; i < 60; ++i) words.push_back(std::to_string(i));
  wanted.assign(words.begin() + 3, words.end());
  EXPECT_EQ(exec(GetParam(), words).exit_code, 0);
  EXPECT_EQ(sorted_lines(content(log)), wanted);
}

TEST_P(ExecRunTest, a_command_is_tried_again_if_that_is_asked_for) {
  const Words words{"--shell", "echo $TASKRUN_ATTEMPT; test $TASKRUN_ATTEMPT -gt {}", ":::", "0",
                    "1"};
  EXPECT_EQ(exec(GetParam(), words).exit_code, 3);
  Words again = words;
  again.insert(again.begin(), {"--retries", "1"});
  const auto ended = exec(GetParam(), again);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "1\n2\n");
}

TEST_P(ExecRunTest, commands_that_take_too_long_are_ended) {
  const auto ended =
      exec(GetParam(), {"--timeout", "300ms", "--grace", "1s", "--shell", "echo {}; {}",
                        ":::", "true", "sleep 600", "trap '' TERM; sleep 600 & wait; wait"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.out, "true\nsleep 600\ntrap '' TERM; sleep 600 & wait; wait\n");
  const auto lines = lines_of_taskrun(ended.err);
  ASSERT_EQ(lines.size(), 1U + 3) << ended.err;
}

TEST_P(ExecRunTest, outputs_leave_as_they_come_if_that_is_asked_for) {
  const auto ended = exec(GetParam(), {"--unordered", "echo", ":::", "a", "b", "c", "d"});
  EXPECT_EQ(sorted_lines(ended.out), (Words{"a", "b", "c", "d"}));
}

TEST_P(ExecRunTest, output_of_a_gigabyte_is_an_error_or_a_file) {
  const ScratchFolder folder;
  const auto ended = exec(GetParam(), {"head -c 1G", ":::", "/dev/zero"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.out.size(), 0U);
  EXPECT_NE(ended.err.find("wrote more than 67108864 bytes"), std::string::npos) << ended.err;
  EXPECT_EQ(exec(GetParam(), {"--results", folder.file("r"), "head -c 200M", ":::", "/dev/zero"})
                .exit_code,
            0);
  EXPECT_EQ(std::filesystem::file_size(folder.file("r/000001.stdout")), 200U << 20);
}

TEST_P(ExecRunTest, memory_is_limited_for_all_that_a_command_has_started) {
  // Each of these holds 60 MB.
  const std::string text =
      "i=0; while [ $i -lt {1} ]; do head -c 60M /dev/zero | tail -c 60M | sleep {2} & "
      "i=$((i+1)); done; wait";
  const auto ended = exec(
      GetParam(), {"--memory", "100MB", "--shell", text, ":::", "1", "2", ":::+", "0.3", "60"});
  EXPECT_EQ(ended.exit_code, 3);
  const auto lines = lines_of_taskrun(ended.err);
  ASSERT_GE(lines.size(), 2U) << ended.err;
  EXPECT_NE(lines[0].find("used more memory than --memory allows: 1"), std::string::npos)
      << lines[0];
  EXPECT_NE(lines[0].find("MB of 100 MB"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("1 of 2 chunks failed"), std::string::npos) << lines[1];
}

TEST_P(ExecRunTest, commands_are_told_how_many_threads_to_use) {
  const auto told = [](const Words& options, const Words& environment) {
    Words words{"exec", "-q", "-j", "1"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--shell", "echo {} $OMP_NUM_THREADS $MKL_NUM_THREADS", ":::", "a"});
    Command asks = command(GetParam(), TASKRUN_PROGRAM, words);
    asks.environment = environment;
    return run(asks).out;
  };
  const Words none{"OMP_NUM_THREADS", "MKL_NUM_THREADS"};
  const auto ranks = static_cast<std::uint32_t>(std::max(1, GetParam()));
  const std::string cores = std::to_string(std::max(1U, usable_core_count() / ranks));
  EXPECT_EQ(told({}, none), "a " + cores + " " + cores + "\n");
  EXPECT_EQ(told({"--keep-env"}, none), "a\n");
  EXPECT_EQ(told({}, {"OMP_NUM_THREADS=7", "MKL_NUM_THREADS"}), "a 7\n");
}

TEST_P(ExecRunTest, daemons_end_with_their_command) {
  const auto ended = exec(
      GetParam(),
      {"--no-append", "--shell", "setsid sleep 600 >/dev/null 2>&1 & echo $!", ":::", "1", "2"});
  EXPECT_EQ(ended.exit_code, 0);
  for (const auto& pid : sorted_lines(ended.out)) EXPECT_TRUE(ends(std::stoi(pid)));
}

#ifdef WITH_MPI
// A launcher binds a rank of few to one core.
TEST(ExecBindingTest, commands_under_mpirun_may_use_all_cores) {
  const std::string cores = "grep Cpus_allowed_list: /proc/self/status";
  const auto all = run({{"/bin/sh", "-c", cores}});
  const Words words{"exec", "-q", "--no-append", "--shell", cores, ":::", "x"};
  Command bound = command(1, TASKRUN_PROGRAM, words);
  bound.arguments.insert(bound.arguments.begin() + 1, {"--bind-to", "core"});
  const auto ended = run(bound);
  EXPECT_EQ(ended.out, all.out) << ended.err;
}
#endif

// --- what only one process shows

// Locally: under mpirun each rank has a pipe of its own, which is read piece by piece.
TEST(ExecStderrTest, what_a_command_says_there_stays_together) {
  Words words{"sh", "-c", "i=0; while [ $i -lt 3000 ]; do echo said $1 $i >&2; i=$((i+1)); done",
              "sh", ":::"};
  for (int i = 0; i < 8; ++i) words.push_back(std::to_string(i));
  const auto ended = exec(0, words);
  EXPECT_EQ(ended.exit_code, 0);
  std::size_t size = 0;
  for (int i = 0; i < 8; ++i) {
    std::string whole;
    for (int line = 0; line < 3000; ++line) {
      whole += "said " + std::to_string(i) + " " + std::to_string(line) + "\n";
    }
    EXPECT_NE(ended.err.find(whole), std::string::npos) << i;
    size += whole.size();
  }
  EXPECT_EQ(ended.err.size(), size);
}

TEST(ExecLineTest, all_behind_the_options_is_the_commands) {
  const auto ended =
      exec(0, {"printf", "%s\\n", "--quiet", "-v", "--", "--help", "{}", ":::", "--version", "-x"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const std::string before = "--quiet\n-v\n--\n--help\n";
  EXPECT_EQ(ended.out, before + "--version\n" + before + "-x\n");
}

TEST(ExecLineTest, run_options_may_stand_before_the_job_and_behind_it) {
  for (const Words& words : {Words{"-q", "-j", "2", "exec", "-0", "echo", ":::", "a"},
                             Words{"-q", "exec", "--threads", "2", "--", "echo", ":::", "a"},
                             Words{"exec", "--threads=2", "--quiet", "echo", ":::", "a"}}) {
    const auto ended = run(command(0, TASKRUN_PROGRAM, words));
    EXPECT_EQ(ended.out, "a\n") << ended.err;
    EXPECT_EQ(ended.err, "");
  }
}

TEST(ExecLineTest, a_folder_that_is_gone_is_named) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer makes a fork of vfork: what a child finds out stays with it";
#endif
  const ScratchFolder folder;
  std::filesystem::create_directory(folder.file("f"));
  const auto ended = exec(0, {"-j", "1", "--workdir", folder.file("f"), "--shell",
                              "rmdir " + folder.file("f") + "; echo {}", ":::", "1", "2"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_NE(ended.err.find("cannot run in " + folder.file("f") + " (--workdir): No such file"),
            std::string::npos)
      << ended.err;
}

TEST(ExecLineTest, values_come_from_stdin) {
  const auto ended = run({{"/bin/sh", "-c", "printf 'a b\\n$(c)\\n' | \"$0\" exec -q printf '[%s]'",
                           TASKRUN_PROGRAM}});
  EXPECT_EQ(ended.out, "[a b][$(c)]") << ended.err;
}

TEST(ExecLineTest, a_list_may_be_of_commands) {
  const ScratchFolder folder;
  put_file(folder.file("commands"), "echo 'a  b' | tr a c\n\n# none\nx=1; echo $x\n");
  const auto out = [&](const std::string& line) {
    const auto ended = run({{"/bin/sh", "-c", line, TASKRUN_PROGRAM, folder.file("commands")}});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return ended.out;
  };
  EXPECT_EQ(out("\"$0\" exec -q --shell :::: \"$1\""), "c  b\n1\n");
  EXPECT_EQ(out("\"$0\" exec -q --shell < \"$1\""), "c  b\n1\n");
  EXPECT_EQ(out("echo \"echo 'a  b'\" | \"$0\" exec -q"), "a  b\n");
}

TEST(ExecLineTest, without_any_values_a_command_runs_once_if_it_wants_none) {
  const auto out = [](const std::string& words) {
    return run({{"/bin/sh", "-c", "exec \"$0\" exec -q " + words, TASKRUN_PROGRAM}}).out;
  };
  EXPECT_EQ(out("echo a </dev/null"), "a\n");
  EXPECT_EQ(out("echo a <&-"), "a\n");
  EXPECT_EQ(out("--shell 'echo a; echo b' </dev/null"), "a\nb\n");
  for (const char* const words : {"echo {} </dev/null", "--shell 'echo \"$1\"' </dev/null",
                                  "echo ::: </dev/null", "-0 echo </dev/null"}) {
    EXPECT_EQ(out(words), "") << words;
  }
}

TEST(ExecLineTest, stdin_need_not_end) {
  const auto out = [](const std::string& producer, const std::string& words) {
    return run({{"/bin/sh", "-c", producer + " | \"$0\" exec -q " + words + " | head -3",
                 TASKRUN_PROGRAM}})
        .out;
  };
  EXPECT_EQ(out("yes", "echo {#}"), "1\n2\n3\n");
  EXPECT_EQ(out("(echo a,b; yes '\"x\ny\",2')", "--csv --shell 'echo {b}{#}'"), "21\n22\n23\n");
  EXPECT_EQ(out("yes '{\"n\": 5}'", "--jsonl 'echo {n}{#}'"), "51\n52\n53\n");
  EXPECT_EQ(out("yes", "--pipe --block 1000 'wc -c'"), "1000\n1000\n1000\n");
}

TEST(ExecLineTest, blocks_of_a_pipe_have_all_of_it_in_whole_lines) {
  const ScratchFolder folder;
  std::string text;
  for (int i = 0; i < 3000; ++i) text += std::string(i * 7919 % 300, 'x') + "\n";
  text += "no end";
  put_file(folder.file("text"), text);
  const auto out = [&](const std::string& each) {
    return run({{"/bin/sh", "-c", "cat \"$1\" | \"$0\" exec -q --pipe --block 2500 " + each,
                 TASKRUN_PROGRAM, folder.file("text")}})
        .out;
  };
  EXPECT_TRUE(out("cat") == text);
  const std::string ends = out("tail -c 1");
  EXPECT_GT(ends.size(), 150U);
  EXPECT_EQ(ends, std::string(ends.size() - 1, '\n') + "d");
}

TEST(ExecResultsRunTest, results_of_another_run_are_not_kept_among_them) {
  const ScratchFolder folder;
  const std::string results = folder.file("r");
  const auto run_with = [&](const Words& options, const Words& values) {
    Words words{"exec", "-q", "--results", results};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--shell", "exit {}", ":::"});
    words.insert(words.end(), values.begin(), values.end());
    return run(command(0, TASKRUN_PROGRAM, words));
  };
  const std::string journal = folder.file("journal");
  EXPECT_EQ(run_with({"--journal", journal}, {"0", "7", "0"}).exit_code, 3);
  EXPECT_EQ(content(results + "/000002.exit"), "7\n");
  EXPECT_EQ(run(command(0, TASKRUN_PROGRAM, {"resume", journal, "-q"})).exit_code, 3);
  put_file(results + "/notes.txt", "mine");
  expect_refused(run_with({}, {"0"}), 2,
                 "has results of an earlier run (000001.exit); name another");
  EXPECT_EQ(run_with({"--dry-run"}, {"0"}).exit_code, 0);
  EXPECT_EQ(run_with({"--overwrite"}, {"0"}).exit_code, 0);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(results), {}), 3 + 1);
  EXPECT_EQ(content(results + "/000001.exit"), "0\n");
}

TEST(ExecJsonTest, values_of_parameters_are_values) {
  const ScratchFolder folder;
  const std::string journal = folder.file("journal");
  const auto ended = run(command(0, TASKRUN_PROGRAM,
                                 {"exec", "-q", "--journal", journal, "--json", folder.file("json"),
                                  "--block", "1M", "echo", "[1]", ":::", "a b", "\"x\""}));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const auto told = nlohmann::json::parse(content(folder.file("json")))["params"];
  EXPECT_EQ(told["COMMAND"], (nlohmann::json{"echo", "[1]", ":::", "a b", "\"x\""}));
  EXPECT_EQ(told["block"], 1'000'000);
  EXPECT_EQ(told["shell"], false);
  EXPECT_EQ(told["separator"], ",");
  const auto status = run(command(0, TASKRUN_PROGRAM, {"status", journal, "--json"}));
  EXPECT_EQ(nlohmann::json::parse(status.out)["params"], told);
}

TEST(ExecDeathTest, commands_die_with_the_run) {
  const ScratchFolder folder;
  const std::string fifo = folder.file("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const pid_t runner = fork();
  if (runner == 0) {
    // A command, its child in a group of its own, and a grandchild that has lost its parent.
    const std::string text =
        "(setsid sleep 600 & echo $! >>" + fifo + "); sleep 600 & echo $$ $! >" + fifo + "; wait";
    execute({{TASKRUN_PROGRAM, "exec", "-q", "--no-append", "--shell", text, ":::", "x"}});
  }
  std::ifstream told(fifo);
  std::vector<pid_t> pids;
  for (pid_t pid = 0; pids.size() < 3;) {
    if (told >> pid) {
      pids.push_back(pid);
    } else {
      told.close();
      told.clear();
      told.open(fifo);
    }
  }
  kill(runner, SIGKILL);
  waitpid(runner, nullptr, 0);
  for (const pid_t pid : pids) EXPECT_TRUE(ends(pid)) << pid;
}

Ended in_folder(const ScratchFolder& folder, const std::string& script) {
  Command command{
      {"/bin/bash", "-c", "taskrun() { " + std::string(TASKRUN_PROGRAM) + " \"$@\"; }; " + script}};
  command.directory = folder.path();
  return run(command);
}

TEST(ExecJournalTest, another_stdin_among_lists_is_refused) {
  const ScratchFolder folder;
  put_file(folder.file("list"), "i\n1\n");
  for (const std::string line :
       {"exec -q test 1 = {1}{2} ::: x :::: -", "exec -q false :::: list -",
        "exec -q --csv test 0 = {i} :::: list -", "exec -q --pipe false :::: list -"}) {
    const auto from = [&](const char* text, const std::string& words) {
      return in_folder(folder, "printf '" + std::string(text) + "' | taskrun --journal j " + words);
    };
    EXPECT_EQ(from("i\\n2\\n", line).exit_code, 3) << line;
    EXPECT_NE(
        in_folder(folder, "taskrun status j").out.find("with, given the same standard input: "),
        std::string::npos)
        << line;
    expect_refused(from("i\\n3\\n", "--resume " + line), 2, "is of another run: input ");
    EXPECT_EQ(from("i\\n2\\n", "--resume " + line + "; rm j").exit_code, 0) << line;
  }
}

TEST(ExecJournalTest, a_run_that_is_whole_again_has_no_rate_to_wait_for) {
  const ScratchFolder folder;
  const auto ended = in_folder(
      folder, "taskrun exec -q --journal j true ::: a; taskrun resume j -q; taskrun status j");
  EXPECT_NE(ended.out.find("\nrate       none: "), std::string::npos) << ended.out;
}

TEST(ExecLineTest, a_chunk_that_fails_alone_shows_what_it_wrote) {
  const auto ended = exec(0, {"--only-chunk", "1", "--shell", "echo text {}; false", ":::", "a"});
  expect_refused(ended, 3, "exit code 1");
  EXPECT_EQ(ended.out, "text a\n");
}

TEST(ExecJournalTest, what_was_done_is_not_done_again) {
  const ScratchFolder folder;
  const std::string log = folder.file("log");
  const std::string journal = folder.file("journal");
  const std::string text =
      "echo {} >>" + log + "; echo {}; test {} != 2 || test -e " + folder.file("ready");
  const auto first =
      run(command(0, TASKRUN_PROGRAM,
                  {"exec", "-q", "--journal", journal, "--shell", text, ":::", "1", "2", "3"}));
  EXPECT_EQ(first.exit_code, 3) << first.err;
  EXPECT_EQ(first.out, "1\n2\n3\n");
  std::ofstream(folder.file("ready")) << "x";
  const auto second = run(command(0, TASKRUN_PROGRAM, {"resume", journal, "-q"}));
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(second.out, "1\n2\n3\n");
  EXPECT_EQ(sorted_lines(content(log)), (Words{"1", "2", "2", "3"}));
}

}  // namespace
}  // namespace taskrun::testing
#endif
