// SPDX-License-Identifier: MIT
// Runs that go well, or almost: what they print, and that it is the same however they are run.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>

#include "program_runs.hpp"
#include "sanitized.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

#ifdef WITH_MPI
const std::vector<int> rank_counts{0, 1, 2, 3, 8};
#else
const std::vector<int> rank_counts{0};
#endif

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "taskrun_e2e.XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const char* name) const { return path_ / name; }
  bool empty() const { return fs::is_empty(path_); }
  std::string path() const { return path_; }

 private:
  fs::path path_;
};

void expect_output(const Ended& ended, const std::string& out) {
  EXPECT_FALSE(ended.timed_out);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, out) << ended.err;
}

// --- the same bytes

class SameBytesTest : public ::testing::TestWithParam<int> {};

TEST_P(SameBytesTest, of_a_floating_point_sum_on_all_schedules_and_threads) {
  const Words job{"float_sum", "--items", "20000", "--chunk-size", "7", "-q"};
  const std::string expected = run_program(0, job).out;
  ASSERT_FALSE(expected.empty());
  for (const char* schedule : {"auto", "static", "dynamic", "guided", "factoring"}) {
    for (const char* threads : {"1", "2", "5"}) {
      Words words = job;
      words.insert(words.end(), {"--schedule", schedule, "--threads", threads});
      expect_output(run_program(GetParam(), words), expected);
      if (GetParam() > 0) break;  // starting mpirun takes longest
    }
    if (sanitized && GetParam() > 0) break;
  }
}

TEST_P(SameBytesTest, of_emitted_lines) {
  std::string expected;
  for (int i = 0; i < 100'000; ++i) expected += std::to_string(i) + "\n";
  expect_output(run_program(GetParam(), {"lines", "-q", "--items", "100000"}), expected);
}

#ifdef TASKRUN_PROGRAM
TEST_P(SameBytesTest, of_the_sieve) {
  const auto count = run(command(GetParam(), TASKRUN_PROGRAM, {"sieve", "--limit", "1e7", "-q"}));
  EXPECT_EQ(count.exit_code, 0) << count.err;
  EXPECT_NE(count.out.find("664579"), std::string::npos) << count.out;
  const auto list =
      run(command(GetParam(), TASKRUN_PROGRAM, {"sieve", "--limit", "20", "--list", "-q"}));
  expect_output(list, "2\n3\n5\n7\n11\n13\n17\n19\n");
}
#endif

INSTANTIATE_TEST_SUITE_P(run, SameBytesTest, ::testing::ValuesIn(rank_counts), ranks_name);

// --- what a run tells

class TellingTest : public ::testing::TestWithParam<int> {};

TEST_P(TellingTest, the_account_comes_on_stderr_unless_quiet) {
  const auto told = run_program(GetParam(), {"float_sum"});
  EXPECT_NE(told.err.find("of the ideal"), std::string::npos) << told.err;
  const auto quiet = run_program(GetParam(), {"float_sum", "-q"});
  EXPECT_TRUE(lines_of_taskrun(quiet.err).empty()) << quiet.err;
  EXPECT_EQ(told.out, quiet.out);
}

TEST_P(TellingTest, a_reader_that_leaves_ends_the_run_quietly) {
  Command c =
      command(GetParam(), test_program, {"lines", "--items", "1e12", "--chunk-size", "1e4"});
  c.out = Command::Out::pipe_head;
  const auto ended = run(c);
  EXPECT_FALSE(ended.timed_out);
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_TRUE(ended.out.starts_with("0\n1\n2\n")) << ended.out.substr(0, 100);
  EXPECT_TRUE(lines_of_taskrun(ended.err).empty()) << ended.err;
  EXPECT_EQ(ended.err.find("SIGPIPE"), std::string::npos) << ended.err;
}

TEST_P(TellingTest, json_goes_to_a_file_whole_and_valid) {
  const Folder folder;
  const auto ended =
      run_program(GetParam(), {"float_sum", "--items", "5k", "--json", folder.file("out.json")});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const json told = json::parse(content(folder.file("out.json")));
  EXPECT_EQ(told["job"], "float_sum");
  EXPECT_EQ(told["params"]["items"], 5000);
  EXPECT_EQ(told["verdict"], "complete");
  EXPECT_EQ(told["result"], ended.out);
  EXPECT_EQ(told["account"]["item_count"], 5000);
  EXPECT_EQ(told["account"]["rank_count"], std::max(GetParam(), 1));
  EXPECT_GT(told["account"]["wall_seconds"], 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST_P(TellingTest, json_on_stdout_is_all_that_is_there) {
  const auto ended = run_program(GetParam(), {"float_sum", "--json", "-"});
  EXPECT_EQ(json::parse(ended.out)["job"], "float_sum");
}

TEST_P(TellingTest, chunks_that_fail_once_are_computed_again) {
  const auto ended = run_program(GetParam(), {"failing", "--fail-once", "-q"});
  expect_output(ended, "100 items\n");
}

TEST_P(TellingTest, chunks_that_fail_always_are_named_and_left_out) {
  const auto ended = run_program(
      GetParam(), {"failing", "--fail-always", "12", "--retries", "1", "--json", "-", "-q"});
  EXPECT_EQ(ended.exit_code, 3);
  const auto lines = lines_of_taskrun(ended.err);
  ASSERT_EQ(lines.size(), 12U) << ended.err;
  EXPECT_EQ(lines[0], "taskrun: chunk 1 (item 1) failed 2 times: this chunk always fails");
  EXPECT_NE(lines[10].find("12 of 100 chunks failed"), std::string::npos) << lines[10];
  const std::string alone = " failing --only-chunk 1 --fail-always 12";
  EXPECT_TRUE(lines[11].ends_with(alone)) << lines[11];
  const json told = json::parse(ended.out);
  EXPECT_TRUE(std::string(told["failed"][0]["command"]).ends_with(alone));
  EXPECT_EQ(told["verdict"], "chunks_failed");
  EXPECT_EQ(told["result"], "88 items\n");
  EXPECT_EQ(told["failed"].size(), 12U);
}

TEST_P(TellingTest, items_of_an_io_bound_job_run_at_the_same_time_whatever_the_cores) {
  // One rank must do with its own slots.
  const int ranks = GetParam() == 0 ? 0 : 1;
  for (const std::string slots : {"32", "50"}) {
    Words words{"meeting",   "--items", "200",    "--together", slots == "32" ? "25" : "50",
                "--retries", "0",       "--json", "-"};
    if (slots != "32") words.insert(words.end(), {"--io-threads", slots});
    const auto ended = run_program(ranks, words);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    const json told = json::parse(ended.out);
    EXPECT_EQ(told["result"], "200 met\n");
    EXPECT_EQ(told["account"]["slot_count"], std::stoi(slots));
    EXPECT_EQ(told["account"]["chunk_count"], 200);
    EXPECT_EQ(ended.err.find("core"), std::string::npos) << ended.err;
  }
}

TEST_P(TellingTest, a_terminal_shows_a_bar_that_is_gone_at_the_end) {
  Command c = command(GetParam(), test_program, {"naps", "--items", "60", "--milliseconds", "20"});
  c.out = Command::Out::terminal;
  c.environment = {"TERM=xterm"};
  const auto ended = run(c);
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_TRUE(std::regex_search(ended.out, std::regex(R"(\r *\d+ % \[#*\.*\] )"))) << ended.out;
  const auto last_bar = ended.out.rfind("\r\x1b[K");
  ASSERT_NE(last_bar, std::string::npos);
  EXPECT_LT(last_bar, ended.out.find("60 naps")) << ended.out;
  EXPECT_EQ(ended.out.find("] ", last_bar), std::string::npos) << ended.out;
}

TEST_P(TellingTest, a_pipe_gets_no_control_codes) {
  const auto ended = run_program(
      GetParam(), {"naps", "--items", "60", "--milliseconds", "20", "--progress", "bar"});
  EXPECT_EQ(ended.err.find_first_of("\r\x1b"), std::string::npos) << ended.err;
}

TEST_P(TellingTest, a_failed_chunk_stops_the_run_if_asked) {
  const auto ended = run_program(
      GetParam(), {"failing", "--fail-always", "12", "--retries", "0", "--on-error", "stop", "-q"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find("stopped because of failed chunks"), std::string::npos) << ended.err;
}

TEST_P(TellingTest, a_run_that_does_not_get_on_tells_its_state_and_ends) {
  Command c =
      command(GetParam(), test_program,
              {"naps", "--deaf", "--milliseconds", "3600000", "--stalled-after", "1s", "-q"});
  c.deadline = std::chrono::seconds(30);
  const auto ended = run(c);
  expect_refused(ended, 4, "no chunk was finished for");
  EXPECT_NE(ended.err.find("rank 0 takes part on"), std::string::npos) << ended.err;
}

TEST_P(TellingTest, code_that_does_not_stop_holds_nobody_up) {
  Command c = command(GetParam(), test_program,
                      {"naps", "--deaf", "--milliseconds", "1h", "--json", "/no/such/file"});
  c.arguments[c.arguments.size() - 3] = "3600000";
  c.deadline = std::chrono::seconds(30);
  expect_refused(run(c), 4, "/no/such/file");
}

INSTANTIATE_TEST_SUITE_P(run, TellingTest, ::testing::ValuesIn(few_rank_counts), ranks_name);

TEST(TellingLocalTest, who_asks_for_lines_gets_one_however_short_the_run) {
  const Words run{"float_sum", "--items", "10", "--progress"};
  const auto with_style = [&](const std::string& style) {
    Words words = run;
    words.push_back(style);
    return run_program(0, words).err;
  };
  EXPECT_NE(with_style("lines").find("100 % of 10 items"), std::string::npos);
  EXPECT_NE(with_style("verbose=5").find("10 of 10 items done after"), std::string::npos);
  EXPECT_EQ(with_style("auto").find("100 %"), std::string::npos);
}

// --- what teaches

TEST(TeachingTest, help_list_describe_and_version_go_to_stdout) {
  for (const auto& [words, said] : std::vector<std::pair<Words, std::string>>{
           {{"--help"}, "mpirun -np 8 test_program"},
           {{"help", "lines"}, "--items N"},
           {{"lines", "--help"}, "--items N"},
           {{"compare", "--help"}, "compare [options of compare] [run options] JOB"},
           {{"list"}, "lines          write numbered lines\n"},
           {{"describe", "lines", "--items", "50"}, "items: 50\n"},
           {{"--version"}, "\ncommit: "},
           {{"--version"}, "Boost: 1."}}) {
    const auto ended = run_program(0, words);
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_NE(ended.out.find(said), std::string::npos) << ended.out;
    EXPECT_EQ(ended.err, "");
  }
}

TEST(LocalTest, tasks_of_a_launcher_that_are_no_ranks_are_refused_in_one_line_by_the_first) {
  for (const Words& words : {Words{"float_sum"}, Words{"resume", "no-journal"},
                             Words{"launch", "-n", "1", "float_sum"}}) {
    Command c = command(0, test_program, words);
    c.environment = {"SLURM_PROCID=0", "SLURM_STEP_NUM_TASKS=2"};
    expect_refused(run(c), 2, "srun started this program 2 times");
    c.environment[0] = "SLURM_PROCID=1";
    const auto other = run(c);
    EXPECT_EQ(other.exit_code, 2);
    EXPECT_EQ(other.out + other.err, "");
  }
  Command looks = command(0, test_program, {"list"});
  looks.environment = {"SLURM_PROCID=0", "SLURM_STEP_NUM_TASKS=2"};
  EXPECT_EQ(run(looks).exit_code, 0);
}

TEST(LocalTest, a_run_without_launcher_needs_no_mpi) {
  const Folder folder;
  Command c = command(0, test_program, {"float_sum", "-q"});
  // Were MPI started, it would have to start without any way to carry, and leave its folder here.
  c.environment = {"OMPI_MCA_btl=none_such", "OMPI_MCA_pml=none_such", "TMPDIR=" + folder.path()};
  const auto ended = run(c);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_TRUE(folder.empty());
}

TEST(LocalTest, a_file_gets_the_result_after_what_it_has) {
  const Folder folder;
  const auto ended = run({{"/bin/sh", "-c",
                           "{ echo before; " + test_program +
                               " lines --items 2 -q; echo after; } > " + folder.file("out")}});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(content(folder.file("out")), "before\n0\n1\nafter\n");
}

#ifdef WITH_MPI

TEST(MpirunTest, a_file_gets_the_result_after_what_it_has) {
  const Folder folder;
  const auto ended = run({{"/bin/sh", "-c",
                           "{ echo before; " MPIEXEC " -np 2 " + test_program +
                               " lines --items 2 -q; echo after; } > " + folder.file("out")}});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(content(folder.file("out")), "before\n0\n1\nafter\n");
}

TEST(MpirunTest, a_rank_that_is_redirected_itself_writes_there) {
  const Folder folder;
  const auto ended =
      run({{MPIEXEC, "-np", "2", "/bin/sh", "-c",
            "exec " + test_program + " lines --items 2 -q >> " + folder.file("out")}});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(content(folder.file("out")), "0\n1\n");
}

TEST(MpirunTest, tags_of_mpirun_stay) {
  Command c = command(2, test_program, {"lines", "--items", "1", "-q"});
  c.arguments.insert(c.arguments.begin() + 1, "--tag-output");
  // Open MPI 5 writes a space after the tag.
  const auto ended = run(c);
  EXPECT_TRUE(std::regex_match(ended.out, std::regex("\\[1,0\\]<stdout>: ?0\n"))) << ended.out;
}

#else

TEST(NoMpiTest, many_ranks_are_refused_by_the_first) {
  Command c = command(0, test_program, {"float_sum"});
  c.environment = {"OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE=3",
                   "OMPI_COMM_WORLD_LOCAL_SIZE=3"};
  expect_refused(run(c), 4, "built without MPI");
  c.environment[0] = "OMPI_COMM_WORLD_RANK=1";
  const auto other = run(c);
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_EQ(other.out + other.err, "");
}

#endif

}  // namespace
}  // namespace taskrun::testing
