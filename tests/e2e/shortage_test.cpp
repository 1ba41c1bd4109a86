// SPDX-License-Identifier: MIT
// Where the system runs short: a smaller run with a warning, or one line that says of what, and
// never a hang or an abort.
#ifdef TASKRUN_PROGRAM
#include <string>

#include "program_runs.hpp"
#include "sanitized.hpp"
#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

// By a shell that sets limits first.
Ended run_limited(const std::string& limits, const Words& words) {
  Command command;
  command.arguments = {"/bin/sh", "-c", limits + "; exec \"$0\" \"$@\"", TASKRUN_PROGRAM};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.deadline = std::chrono::seconds(30);
  return run(command);
}

Words values(int count) {
  Words all;
  for (int i = 1; i <= count; ++i) all.push_back(std::to_string(i));
  return all;
}

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string lines_of(const Words& words) {
  std::string text;
  for (const auto& word : words) text += word + "\n";
  return text;
}

TEST(ShortageTest, with_few_descriptors_there_are_fewer_slots_and_a_warning) {
  const Words all = values(60);
  const auto ended = run_limited("ulimit -n 64", with({"-j", "32", "exec", "echo", ":::"}, all));
  EXPECT_FALSE(ended.timed_out);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, lines_of(all));
  EXPECT_NE(ended.err.find("warning: 20 slots in place of 32: ulimit -n 64"), std::string::npos)
      << ended.err;
}

TEST(ShortageTest, helpers_of_jobs_are_as_many_as_there_are_descriptors_for) {
  const auto ended = run_limited("ulimit -n 64", {"--io-threads", "40", "--timeout", "30s", "sleep",
                                                  "--items", "100", "--seconds", "0.001"});
  EXPECT_FALSE(ended.timed_out);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_NE(ended.err.find("warning: 20 slots in place of 40"), std::string::npos) << ended.err;
}

TEST(ShortageTest, pages_are_fetched_by_as_many_threads_as_there_are_descriptors_for) {
  // Nobody listens there.
  const auto ended = run_limited("ulimit -n 94", {"--io-threads", "40", "fetch", "--allow-private",
                                                  "--tries", "1", "http://127.0.0.1:1"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_NE(ended.err.find("warning: 10 slots in place of 40: ulimit -n 94"), std::string::npos)
      << ended.err;
}

TEST(ShortageTest, a_soft_limit_of_descriptors_is_raised_and_commands_get_it_as_it_was) {
  const auto ended = run_limited(
      "ulimit -Sn 64", {"-j", "40", "exec", "--shell", "ulimit -Sn; echo {}", ":::", "a"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "64\na\n");
  EXPECT_EQ(ended.err.find("in place of"), std::string::npos) << ended.err;
}

TEST(ShortageTest, with_too_few_descriptors_for_one_slot_one_line_says_so) {
  for (const int count : {8, 10, 11, 12}) {
    const auto ended = run_limited("ulimit -n " + std::to_string(count),
                                   with({"-j", "4", "exec", "echo", ":::"}, values(20)));
    if (ended.exit_code == 0) continue;  // another build needs one less
    expect_refused(ended, 4, "Too many open files; use fewer slots (-j) or raise ulimit -n");
  }
}

// Of the system's words SQLite tells of some calls only, and not of those of a commit.
TEST(ShortageTest, a_file_that_may_not_grow_is_named_and_what_helps) {
  const ScratchFolder folder;
  for (const Words& file :
       {Words{"--journal", folder.file("journal")}, Words{"--json", folder.file("json")}}) {
    const auto ended = run_limited("ulimit -f 1", with({"-q", "sieve", "--limit", "1e6"}, file));
    expect_refused(ended, 4,
                   file[1] + (file[0] == "--json" ? ": " : " cannot be written: ") +
                       "File too large; raise ulimit -f");
  }
}

TEST(ShortageTest, threads_that_cannot_start_end_the_run_in_one_line) {
  if (sanitized) GTEST_SKIP() << "sanitizers reserve more memory than any limit";
  expect_refused(run_limited("ulimit -v 300000", {"-j", "1000", "sieve", "--limit", "1e6"}), 4,
                 "cannot start a thread for slot ");
}

TEST(ShortageTest, a_stack_that_is_too_small_is_named) {
  if (sanitized) GTEST_SKIP() << "sanitizers need more themselves";
  expect_refused(run_limited("ulimit -s 128", {"sieve", "--limit", "1e6"}), 4,
                 "a stack of 128 KiB is too small; raise ulimit -s");
}

TEST(ShortageTest, a_folder_for_temporary_files_that_is_not_there_is_named) {
  Command command;
  command.arguments = {TASKRUN_PROGRAM, "compare", "sieve", "--limit", "1e6"};
  command.environment = {"TMPDIR=/nonexistent"};
#ifdef WITH_MPI
  expect_refused(run(command), 4, "cannot use /nonexistent for temporary files: No such file");
#endif
}

#ifdef WITH_MPI

TEST(LaunchShortageTest, threads_that_cannot_start_are_the_reason_that_is_given) {
  if (sanitized) GTEST_SKIP() << "sanitizers reserve more memory than any limit";
  const ScratchFolder folder;
  const auto ended = run_limited("ulimit -v 300000; cd " + folder.path(),
                                 {"launch", "-n", "2", "-j", "1000", "sieve", "--limit", "1e6"});
  expect_refused(ended, 4, "cannot start a thread for slot ");
}

TEST(LaunchShortageTest, with_too_few_descriptors_for_mpirun_one_line_says_how_many_it_needs) {
  const ScratchFolder folder;
  expect_refused(run_limited("ulimit -n 40; cd " + folder.path(),
                             {"launch", "-n", "10", "sieve", "--limit", "1e6"}),
                 4, "mpirun needs 82 descriptors, and ulimit -n allows 40");
  const auto ended = run_limited("ulimit -Sn 40; cd " + folder.path(),
                                 {"launch", "-n", "2", "-q", "sieve", "--limit", "1e6"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

// In a mount namespace, which needs root.
Ended launch_with_memory_folder(const std::string& options) {
  const ScratchFolder folder;
  Command command;
  command.arguments = {"unshare",
                       "-m",
                       "/bin/sh",
                       "-c",
                       "mount -t tmpfs -o " + options +
                           " none /dev/shm && exec \"$0\" launch -n 2 -q sieve --limit 1e6",
                       TASKRUN_PROGRAM};
  command.directory = folder.path();
  command.deadline = std::chrono::seconds(60);
  return run(command);
}

TEST(LaunchShortageTest, little_room_in_shared_memory_is_enough) {
  Command namespaces;
  namespaces.arguments = {"unshare", "-m", "true"};
  if (run(namespaces).exit_code != 0) GTEST_SKIP() << "needs a mount namespace";
  for (const char* options : {"size=8M", "size=1M", "size=64k", "size=8M,ro"}) {
    const auto ended = launch_with_memory_folder(options);
    EXPECT_EQ(ended.exit_code, 0) << options << ": " << ended.err;
    EXPECT_EQ(ended.out, "primes <= 1000000: 78498\n") << options;
    EXPECT_EQ(ended.err, "") << options;
  }
}

#endif

}  // namespace
}  // namespace taskrun::testing
#endif
