// SPDX-License-Identifier: MIT
// `taskrun compare`: one job in several ways, equal results, and what is wrong told in one line.
#include <nlohmann/json.hpp>

#include "program_runs.hpp"
#include "sanitized.hpp"
#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

using nlohmann::json;

Ended compare(Words words, const std::string& program = test_program) {
  words.insert(words.begin(), "compare");
  return run(command(0, program, words));
}

Words names_in(const json& told) {
  Words names;
  for (const auto& variant : told["variants"]) names.push_back(variant["name"]);
  return names;
}

#ifdef WITH_MPI
const Words computing_names{"sequential", "threads", "processes"};
const Words waiting_names{"one at a time", "I/O threads", "processes"};
#else
const Words computing_names{"sequential", "threads"};
const Words waiting_names{"one at a time", "I/O threads"};
#endif

// mpirun runs as a grandchild here.
class MpirunCompareTest : public ::testing::Test {};

TEST_F(MpirunCompareTest, a_job_that_computes_is_told_in_a_table_a_chart_and_a_sentence) {
  const auto ended = compare({"float_sum", "--items", "20000", "--threads", "2"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_NE(ended.out.find("speed-up  efficiency"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("\nsequential  #"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("\nFastest: "), std::string::npos) << ended.out;
}

TEST_F(MpirunCompareTest, json_and_a_picture_are_files) {
  const ScratchFolder folder;
  const std::string svg = folder.file("bars.svg");
  const auto ended = compare({"meeting", "--items", "64", "--together", "1", "--repeat", "2",
                              "--json", "-", "--svg", svg});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const json told = json::parse(ended.out);
  EXPECT_EQ(told["job"], "meeting");
  EXPECT_EQ(names_in(told), waiting_names);
  EXPECT_EQ(told["chunk_count"], 64);
  for (const auto& variant : told["variants"]) {
    const json& walls = variant["repeated_wall_seconds"];
    ASSERT_EQ(walls.size(), 2U);
    EXPECT_GT(walls[0], 0.0);
    const double middle = (walls[0].get<double>() + walls[1].get<double>()) / 2;
    EXPECT_NEAR(variant["wall_seconds"], middle, 1e-8);
    EXPECT_GT(variant["processor_seconds"], 0.0);
    EXPECT_GT(variant["peak_memory_bytes"], 1'000'000);
  }
  EXPECT_TRUE(file_content(svg).ends_with("</svg>\n"));
}

#ifdef WITH_MPI
TEST(CompareTest, ranks_that_cannot_be_started_are_an_error_in_one_line) {
  const ScratchFolder folder;
  const std::string mpirun = folder.file("mpirun");
  const std::string ruler(74, '-');
  put_file(mpirun,
           "#!/bin/sh\nprintf '%s\\n' " + ruler + " 'No slots here.' " + ruler + " >&2\nexit 1\n");
  std::filesystem::permissions(mpirun, std::filesystem::perms::owner_all);
  Command c =
      command(0, test_program, {"compare", "float_sum", "--items", "20000", "--threads", "2"});
  c.environment = {"PATH=" + folder.path()};
  expect_refused(run(c), 4, "mpirun says: No slots here");
}
#endif

TEST_F(MpirunCompareTest, emitted_lines_are_compared_as_well) {
  const auto ended =
      compare({"lines", "--items", "100000", "--chunks", "50", "--threads", "2", "--json", "-"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(names_in(json::parse(ended.out)), computing_names);
}

Ended compare_without_mpirun(Words words) {
  words.insert(words.begin(), "compare");
  Command c = command(0, test_program, words);
  c.environment = {"PATH=/nowhere"};
  return run(c);
}

TEST(CompareTest, without_mpirun_processes_are_left_out_with_a_line) {
  const auto ended = compare_without_mpirun({"float_sum", "--items", "20000", "--threads", "2"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out.find("processes   #"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("\nLeft out: processes, because "), std::string::npos) << ended.out;
}

TEST(CompareTest, no_more_is_done_at_once_than_there_is_to_do) {
  const auto ended =
      compare_without_mpirun({"meeting", "--items", "5", "--together", "1", "--json", "-"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out)["variants"][1]["at_once"], 5);
}

TEST(CompareTest, a_run_that_fails_is_passed_on) {
  const auto ended = compare({"failing", "--fail-always", "1", "--retries", "0", "--threads", "2"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find("this chunk always fails"), std::string::npos) << ended.err;
}

TEST(CompareTest, results_that_differ_are_an_error_that_names_who_differs) {
  const auto ended = compare({"thread_count", "--threads", "2"});
  expect_refused(ended, 4, "the results differ: 'threads' wrote something else than 'sequential'");
}

TEST(CompareTest, bad_input_is_one_line) {
  expect_refused(compare({"flaot_sum"}), 2, "unknown job 'flaot_sum'");
  expect_refused(compare({}), 2, "missing job name");
  expect_refused(compare({"float_sum", "--items", "1"}), 2, "nothing to compare");
  expect_refused(compare({"float_sum", "--repeat", "0"}), 2, "--repeat 0");
  expect_refused(compare({"float_sum", "--journal", "x"}), 2, "does not go with compare");
  expect_refused(compare({"float_sum", "--svg", "/nowhere/x.svg"}), 4, "/nowhere");
  expect_refused(run(command(0, test_program, {"float_sum", "--repeat", "2"})), 2,
                 "'" + test_program + " compare' takes it");
}

#ifdef TASKRUN_PROGRAM
// As a shell has it, for its pipes and redirections.
Ended shell(const std::string& script) {
  Command c{{"/bin/sh", "-c", script, TASKRUN_PROGRAM}};
  return run(c);
}

TEST(CompareTest, every_variant_reads_the_same_standard_input) {
  const ScratchFolder folder;
  const std::string numbers = folder.file("numbers");
  const std::string options = " isprime --threads 2 --json - ";
  for (const std::string& how :
       {"seq 3000 | \"$0\" compare" + options,
        "seq 3000 > " + numbers + "; \"$0\" compare" + options + "< " + numbers}) {
    const auto ended = shell("PATH=/bin:/usr/bin; " + how);
    ASSERT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(json::parse(ended.out)["chunk_count"], 3000);
    EXPECT_EQ(json::parse(ended.out)["results_equal"], true);
    if (sanitized) break;
  }
}

TEST(CompareTest, standard_input_that_is_read_whole_is_the_same_for_all) {
  const auto ended =
      shell("PATH=/bin:/usr/bin; seq 10000 | \"$0\" compare wordcount --threads 2 --json -");
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  // So little would be one chunk.
  EXPECT_EQ(json::parse(ended.out)["chunk_count"], 16);
}

TEST(CompareTest, a_pipe_that_nobody_reads_is_not_waited_for) {
  const ScratchFolder folder;
  // Opened for writing as well: its end never comes.
  const auto ended = shell("mkfifo " + folder.file("pipe") + "; exec 3<>" + folder.file("pipe") +
                           "; \"$0\" compare sum --below 10 --chunks 2 --threads 2 <&3");
  EXPECT_FALSE(ended.timed_out);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST(CompareTest, a_signal_ends_it_and_what_it_runs) {
  // What is compared stops the comparison, whose process the shell becomes.
  const auto ended =
      shell("exec \"$0\" compare exec --shell 'kill -TERM {}; sleep 3600' ::: $$ $$");
  constexpr int terminated = 128 + 15;
  expect_refused(ended, terminated, "stopped before the comparison was complete");
}
#endif

}  // namespace
}  // namespace taskrun::testing
