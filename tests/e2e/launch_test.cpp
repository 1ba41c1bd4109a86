// SPDX-License-Identifier: MIT
// Runs under `taskrun launch`: they survive whatever dies, tell the same result, and leave nothing
// behind.
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "launched_run.hpp"
#include "program_runs.hpp"
#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;

class LaunchTest : public ::testing::Test {
 protected:
  std::string file(const char* name) const { return folder_.file(name); }

  Command launch(int ranks, const Words& words) const {
    Command c;
    c.arguments = {test_program, "launch", "-n", std::to_string(ranks), "--threads", "1"};
    c.arguments.insert(c.arguments.end(), words.begin(), words.end());
    // So that what was silent is lost within the test's time.
    c.environment = {"TASKRUN_LOST_AFTER=1s"};
    c.directory = folder_.path();
    return c;
  }

  // Chunks enough for a second or two, whose begin is told.
  Words weave(const char* result_bytes, const char* marks = "marks") const {
    return {"weave",       "--items",        "150",        "--chunks", "150",
            "--mark-file", file(marks),      "--progress", "off",      "--result-bytes",
            result_bytes,  "--milliseconds", "20"};
  }
  std::string serial(const char* result_bytes) const {
    return run_program(0, {"weave", "--items", "150", "--chunks", "150", "-q", "--milliseconds",
                           "0", "--result-bytes", result_bytes})
        .out;
  }
  // The same line, from as many chunks as were not durable: of the last tenth of a second.
  void expect_resumed(const char* result_bytes) const {
    const Ended ended = run_program(0, {"resume", file("journal"), "-q"});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.out, serial(result_bytes)) << ended.err;
  }
  // Some chunks are done, most are not.
  void wait_for_the_middle(const char* marks = "marks") const {
    ASSERT_TRUE(wait_for_lines(file(marks), 20));
  }

  // Into our folder, what is there.
  void link_from_path(const char* name) const {
    std::istringstream folders(std::getenv("PATH"));
    for (std::string folder; std::getline(folders, folder, ':');) {
      const fs::path found = fs::path(folder) / name;
      if (!fs::exists(found)) continue;
      return fs::create_symlink(found, file(name));
    }
  }

  static void expect_complete(LaunchedRun& run, const std::string& out) {
    const Ended ended = run.wait();
    EXPECT_FALSE(ended.timed_out);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.out, out) << ended.err;
    EXPECT_EQ(run.leftover_count(), 0U);
    EXPECT_EQ(ended.err.find("PMIX ERROR"), std::string::npos) << ended.err;
    EXPECT_EQ(ended.err.find("------"), std::string::npos) << ended.err;
  }

  const ScratchFolder folder_;
};

TEST_F(LaunchTest, the_result_is_that_of_a_run_without_ranks) {
  LaunchedRun run(launch(3, weave("64")));
  expect_complete(run, serial("64"));
}

// Its whole name.
TEST_F(LaunchTest, an_unknown_host_is_told_in_one_line) {
  put_file(file("hosts"), "no-such-host.invalid slots=2\n");
  LaunchedRun run(launch(2, {"--hostfile", file("hosts"), "float_sum"}));
  expect_refused(run.wait(), 4, "no-such-host.invalid");
}

TEST_F(LaunchTest, a_host_that_hangs_is_named) {
  // Keeps the words that it was started with, as ssh does.
  put_file(file("agent"), "#!/bin/sh\nsleep 600\n:\n");
  fs::permissions(file("agent"), fs::perms::owner_all);
  put_file(file("hosts"), "localhost slots=1\nfar.one.test slots=1\n");
  Command c = launch(2, {"--hostfile", file("hosts"), "--start-deadline", "2s", "float_sum"});
  for (const char* name : {"OMPI_MCA_plm_rsh_agent=", "PRTE_MCA_plm_ssh_agent="}) {
    c.environment.push_back(name + file("agent"));
  }
  LaunchedRun run(c);
  expect_refused(run.wait(), 4, "no answer within 2 s from host far.one.test");
  EXPECT_EQ(run.leftover_count(), 0U);
}

// A cleared environment, or a machine without ssh.
TEST_F(LaunchTest, ranks_of_this_host_need_no_ssh_and_no_path) {
  Command c = launch(2, weave("64"));
  c.environment.push_back("PATH");
  LaunchedRun cleared(c);
  expect_complete(cleared, serial("64"));
  for (const char* name : {"mpirun", "orted", "prterun", "prted"}) link_from_path(name);
  c.environment.back() = "PATH=" + folder_.path();
  LaunchedRun without(c);
  expect_complete(without, serial("64"));
  put_file(file("hosts"), "far.one.test slots=2\n");
  c = launch(2, {"--hostfile", file("hosts"), "float_sum"});
  c.environment.push_back("PATH=" + folder_.path());
  LaunchedRun far(c);
  expect_refused(far.wait(), 4, "mpirun finds no ssh in PATH");
}

TEST_F(LaunchTest, an_mpirun_that_is_not_open_mpis_is_told_in_one_line) {
  put_file(file("mpirun"), "#!/bin/sh\necho '[proxy:0:0@vm] unknown option' >&2\nexit 7\n");
  fs::permissions(file("mpirun"), fs::perms::owner_all);
  Command c = launch(1, {"float_sum"});
  c.environment.push_back("PATH=" + folder_.path() + ":/usr/bin:/bin");
  LaunchedRun run(c);
  expect_refused(run.wait(), 4, "mpirun ended with exit code 7 before the ranks had started");
}

TEST_F(LaunchTest, a_current_folder_that_ranks_cannot_enter_is_told_in_one_line) {
  Command c =
      command(0, "/bin/sh",
              {"-c", "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" launch -n 1 float_sum",
               test_program});
  c.directory = folder_.path();
  LaunchedRun run(c);
  expect_refused(run.wait(), 4, "ranks cannot be started in the current folder: No such file");
}

// What PBS, LSF and OAR leave of an allocation is a line for each slot.
TEST_F(LaunchTest, the_hosts_of_a_batch_job_are_used) {
  put_file(file("nodes"), "no-such-host.invalid\nno-such-host.invalid\n");
  for (const char* name : {"PBS_NODEFILE=", "LSB_DJOB_HOSTFILE=", "OAR_NODEFILE="}) {
    Command c = command(0, test_program, {"launch", "float_sum"});
    c.environment = {name + file("nodes"), "SLURM_JOB_ID"};
    c.directory = folder_.path();
    LaunchedRun run(c);
    expect_refused(run.wait(), 4, "no-such-host.invalid");
  }
}

TEST_F(LaunchTest, a_hostfile_is_read_once_in_whatever_form_it_is) {
  ASSERT_EQ(mkfifo(file("hosts").c_str(), 0600), 0);
  LaunchedRun run(launch(2, {"--hostfile", file("hosts"), "float_sum", "--items", "1000", "-q"}));
  std::ofstream(file("hosts")) << "\xEF\xBB\xBFlocalhost # mine\r\n\r\nlocalhost slots = 1\r\n";
  expect_complete(run, run_program(0, {"float_sum", "--items", "1000", "-q"}).out);
}

TEST_F(LaunchTest, a_hostfile_that_cannot_be_meant_is_told_in_one_line) {
  put_file(file("hosts"), "localhost slots=some\n");
  LaunchedRun run(launch(2, {"--hostfile", file("hosts"), "float_sum"}));
  expect_refused(run.wait(), 2, "line 1: slots=some");
}

TEST_F(LaunchTest, what_rank_0_refuses_is_told_in_one_line) {
  LaunchedRun run(launch(2, {"float_sum", "--items", "9", "--chunks", "10"}));
  expect_refused(run.wait(), 2, "at most 9");
  EXPECT_EQ(run.leftover_count(), 0U);
}

TEST_F(LaunchTest, inside_mpirun_it_is_refused) {
  const auto ended = run_program(2, {"launch", "-n", "2", "float_sum"});
  expect_refused(ended, 2, "starts mpirun itself");
}

#ifdef TASKRUN_PROGRAM
// Words of taskrun and of launchers on a command's stderr, and a verdict on the ranks' own socket.
TEST_F(LaunchTest, nothing_that_commands_write_is_taken_for_a_word_of_taskrun_or_left_out) {
  const std::string ruler(74, '-');
  put_file(file("says"), "taskrun-tells 3 0\ntaskrun-cannot-start host why\n" + ruler +
                             "\nmpirun: mine\nssh: mine\n" + ruler + "\nConnection to mine\n");
  put_file(file("lies.pl"),
           "use Socket;\n"
           "$SIG{PIPE} = 'IGNORE';\n"
           "open my $sockets, '<', '/proc/net/unix';\n"
           "for (<$sockets>) {\n"
           "  next unless /@(taskrun-[0-9a-f]+)/;\n"
           "  socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die;\n"
           "  connect($s, pack_sockaddr_un(\"\\0$1\")) or next;\n"
           "  send($s, pack('LLQ', $_, 0, 0), 0) for 0, 1, 3;\n"
           "}\n");
  Command c = launch(
      2, {"exec", "-q", "--shell", "cat says >&2; [ {} != 3 ] || perl lies.pl; echo {}", ":::"});
  c.arguments[0] = TASKRUN_PROGRAM;
  std::string numbers;
  std::string said;
  for (int i = 1; i <= 12; ++i) {
    c.arguments.push_back(std::to_string(i));
    numbers += std::to_string(i) + "\n";
    said += file_content(file("says"));
  }
  LaunchedRun run(c);
  const Ended ended = run.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, numbers);
  EXPECT_EQ(ended.err.size(), said.size()) << ended.err;
}
#endif

// --- deaths of workers

struct Blow {
  const char* name;
  int signal;
};
void PrintTo(const Blow& blow, std::ostream* out) { *out << blow.name; }

class WorkerDeathTest : public LaunchTest,
                        public ::testing::WithParamInterface<std::tuple<Blow, const char*>> {};

TEST_P(WorkerDeathTest, does_not_change_the_result) {
  const auto& [blow, result_bytes] = GetParam();
  LaunchedRun run(launch(3, weave(result_bytes)));
  wait_for_the_middle();
  kill(run.rank(1), blow.signal);
  expect_complete(run, serial(result_bytes));
}

const Blow blows[] = {
    {"killed", SIGKILL}, {"segfault", SIGSEGV}, {"aborted", SIGABRT}, {"stopped", SIGSTOP}};
std::string blow_name(const ::testing::TestParamInfo<WorkerDeathTest::ParamType>& info) {
  return std::string(std::get<0>(info.param).name) + "_of_" + std::get<1>(info.param);
}
INSTANTIATE_TEST_SUITE_P(launch, WorkerDeathTest,
                         ::testing::Combine(::testing::ValuesIn(blows),
                                            ::testing::Values("64", "20000", "200000")),
                         blow_name);

TEST_F(LaunchTest, a_rank_that_loses_its_zygote_is_one_worker_less) {
  for (const int rank : {0, 1}) {
    Words words = weave("20000");
    words.emplace_back("--isolate");
    LaunchedRun run(launch(3, words));
    wait_for_the_middle();
    kill(run.zygote(rank), SIGKILL);
    expect_complete(run, serial("20000"));
    fs::remove(file("marks"));
  }
}

TEST_F(LaunchTest, without_any_zygote_a_run_goes_on_from_the_journal) {
  Words words = weave("64");
  words.emplace_back("--isolate");
  LaunchedRun run(launch(2, words));
  wait_for_the_middle();
  const pid_t zygotes[] = {run.zygote(0), run.zygote(1)};
  for (const pid_t zygote : zygotes) kill(zygote, SIGKILL);
  expect_complete(run, serial("64"));
}

TEST_F(LaunchTest, a_worker_that_leaves_in_the_middle_of_a_chunk_does_not_change_the_result) {
  Words words = weave("20000");
  words.insert(words.end(), {"--leave-file", file("left")});
  LaunchedRun run(launch(3, words));
  expect_complete(run, serial("20000"));
  EXPECT_TRUE(fs::exists(file("left")));
}

TEST_F(LaunchTest, ctrl_z_stops_all_ranks_and_nobody_is_taken_for_dead) {
  LaunchedRun run(launch(3, weave("64")));
  wait_for_the_middle();
  kill(run.supervisor(), SIGTSTP);
  ASSERT_TRUE(run.wait_for_stopped(4));
  const std::string marks = file_content(file("marks"));
  // It is time that must pass: more than the silence after which a rank is taken for lost.
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  EXPECT_EQ(file_content(file("marks")), marks);
  kill(run.supervisor(), SIGCONT);
  const Ended ended = run.wait();
  EXPECT_EQ(ended.out, serial("64")) << ended.err;
  EXPECT_EQ(ended.err.find("silent"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.err.find("has ended"), std::string::npos) << ended.err;
}

TEST_F(LaunchTest, an_isolated_run_is_isolated_again_when_it_is_resumed) {
  Words words = weave("64");
  words.insert(words.end(), {"--journal", file("journal"), "--isolate"});
  LaunchedRun first(launch(2, words));
  wait_for_the_middle();
  kill(first.supervisor(), SIGINT);
  EXPECT_EQ(first.wait().exit_code, 75);
  LaunchedRun again(launch(2, {"resume", file("journal")}));
  const pid_t helpers[] = {again.zygote(0), again.zygote(1)};
  EXPECT_NE(helpers[0], helpers[1]);
  expect_complete(again, serial("64"));
}

TEST_F(LaunchTest, all_workers_but_the_coordinator_may_die) {
  LaunchedRun run(launch(4, weave("20000")));
  wait_for_the_middle();
  for (const int rank : {1, 2, 3}) kill(run.rank(rank), SIGKILL);
  expect_complete(run, serial("20000"));
}

TEST_F(LaunchTest, a_worker_that_was_stopped_and_goes_on_does_not_change_the_result) {
  LaunchedRun run(launch(3, weave("64")));
  wait_for_the_middle();
  const pid_t worker = run.rank(2);
  kill(worker, SIGSTOP);
  // Twice as long as silence is borne, in marks of the others.
  ASSERT_TRUE(wait_for_lines(file("marks"), 110));
  kill(worker, SIGCONT);
  expect_complete(run, serial("64"));
}

// --- ends before the end

class StopTest : public LaunchTest, public ::testing::WithParamInterface<int> {};

TEST_P(StopTest, a_signal_ends_the_run_which_can_be_gone_on_with) {
  Words words = weave("20000");
  words.insert(words.end(), {"--journal", file("journal")});
  LaunchedRun run(launch(3, words));
  wait_for_the_middle();
  kill(run.supervisor(), GetParam());
  const Ended ended = run.wait();
  // As expect_resumed() does.
  expect_refused(ended, 75, " resume " + file("journal"));
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(run.leftover_count(), 0U);
  expect_resumed("20000");
}

TEST_P(StopTest, without_a_journal_it_ends_with_the_signals_number) {
  LaunchedRun run(command(0, test_program, weave("64")));
  wait_for_the_middle();
  kill(run.supervisor(), GetParam());
  expect_refused(run.wait(), 128 + GetParam(), "nothing was kept");
}

INSTANTIATE_TEST_SUITE_P(launch, StopTest, ::testing::Values(SIGINT, SIGTERM, SIGUSR1));

TEST_F(LaunchTest, a_walltime_ends_the_run_in_time) {
  Words words = weave("64");
  words.insert(words.end(), {"--journal", file("journal"), "--walltime", "1s"});
  LaunchedRun run(launch(2, words));
  expect_refused(run.wait(), 75, "the time is up");
  expect_resumed("64");
}

TEST_F(LaunchTest, who_asks_twice_does_not_wait_for_chunks) {
  LaunchedRun run(launch(
      2, {"naps", "--items", "100", "--chunks", "100", "--milliseconds", "30000", "--deaf", "-v"}));
  run.rank(1);
  kill(run.supervisor(), SIGINT);
  kill(run.supervisor(), SIGINT);
  const Ended ended = run.wait();
  EXPECT_FALSE(ended.timed_out);
  EXPECT_TRUE(ended.exit_code == 75 || ended.exit_code == 128 + SIGINT) << ended.err;
  EXPECT_EQ(run.leftover_count(), 0U);
}

// A pipe that nobody opens: the run is complete, and stands before its report.
TEST_F(LaunchTest, who_is_asked_to_stop_does_not_wait_for_a_reader_that_never_comes) {
  ASSERT_EQ(mkfifo(file("pipe").c_str(), 0600), 0);
  const Words job{"weave", "-q", "--items", "4", "--milliseconds", "0", "--json", file("pipe")};
  const auto start = [&](Command run, const char* out) {
    run.arguments.insert(run.arguments.begin(),
                         {"sh", "-c", "out=$1; shift; exec \"$@\" >\"$out\"", "sh", file(out)});
    run.deadline = std::chrono::seconds(25);
    return std::make_unique<LaunchedRun>(run);
  };
  Words with_limit = job;
  with_limit.insert(with_limit.end(), {"--walltime", "2s"});
  const auto limited = start(command(0, test_program, with_limit), "limited");
  const auto alone = start(command(0, test_program, job), "alone");
  const auto launched = start(launch(2, job), "launched");
  for (const auto& [run, out] : {std::pair{&alone, "alone"}, {&launched, "launched"}}) {
    ASSERT_TRUE(wait_for_lines(file(out), 1));
    kill((*run)->supervisor(), SIGTERM);
  }
  expect_refused(alone->wait(), 128 + SIGTERM, "nobody reads all of it");
  expect_refused(limited->wait(), 75, "nobody reads all of it");
  const Ended ended = launched->wait();
  EXPECT_EQ(ended.exit_code, 75) << ended.err;
  EXPECT_NE(ended.err.find("; continue with: "), std::string::npos) << ended.err;
  EXPECT_EQ(launched->leftover_count(), 0U);
}

// --- chaos

TEST_F(LaunchTest, chaos_among_the_workers_does_not_change_the_result) {
  Words words = weave("20000");
  words.insert(words.end(), {"--chaos", "5,kill=1s,stop=500ms,delay=50ms"});
  LaunchedRun run(launch(4, words));
  expect_complete(run, serial("20000"));
}

TEST_F(LaunchTest, chaos_that_cannot_be_meant_is_told) {
  LaunchedRun run(launch(2, {"float_sum", "--chaos", "5,kil=1s"}));
  expect_refused(run.wait(), 2, "there is no 'kil'");
}

// --- deaths of those who keep the run together

TEST_F(LaunchTest, without_a_supervisor_nothing_lives_on_and_the_run_can_be_gone_on_with) {
  Words words = weave("200000");
  words.insert(words.end(), {"--journal", file("journal")});
  LaunchedRun run(launch(3, words));
  wait_for_the_middle();
  const std::string folder = run.shared_folder();
  EXPECT_TRUE(fs::exists(folder));
  kill(run.supervisor(), SIGKILL);
  EXPECT_EQ(run.wait().exit_code, 128 + SIGKILL);
  EXPECT_EQ(run.leftover_count(), 0U);
  EXPECT_FALSE(fs::exists(folder)) << folder;
  expect_resumed("200000");
}

TEST_F(LaunchTest, several_in_one_folder_have_journals_of_their_own) {
  const Words words{"float_sum", "--items", "1000", "-q"};
  std::vector<std::unique_ptr<LaunchedRun>> runs;
  for (int i = 0; i < 3; ++i) runs.push_back(std::make_unique<LaunchedRun>(launch(1, words)));
  const std::string expected = run_program(0, words).out;
  for (const auto& run : runs) expect_complete(*run, expected);
  EXPECT_TRUE(fs::is_empty(file(".")));
}

TEST_F(LaunchTest, without_its_coordinator_a_run_goes_on_from_the_journal) {
  for (const char* result_bytes : {"64", "20000", "200000"}) {
    LaunchedRun run(launch(3, weave(result_bytes)));
    wait_for_the_middle();
    kill(run.rank(0), SIGKILL);
    expect_complete(run, serial(result_bytes));
    fs::remove(file("marks"));
  }
}

// A suite of its own, for it takes no processor: two runs wait for the same 20 seconds, a third one
// for six of them.
using StuckTest = LaunchTest;

TEST_F(StuckTest, a_run_goes_on_whose_coordinator_is_stopped_or_does_not_come_back_from_mpi) {
  std::vector<std::unique_ptr<LaunchedRun>> runs;
  LaunchedRun stopped(launch(3, weave("20000", "marks_stopped")));
  wait_for_the_middle("marks_stopped");
  kill(stopped.rank(0), SIGSTOP);
  for (const char* call : {"Improbe", "Isend"}) {
    const std::string marks = std::string("marks_") + call;
    Command stuck = launch(3, weave("20000", marks.c_str()));
    stuck.environment.push_back("TASKRUN_STUCK_MPI_FILE=" + file(call));
    runs.push_back(std::make_unique<LaunchedRun>(stuck));
    wait_for_the_middle(marks.c_str());
    put_file(file(call), "");
  }
  const Ended gone_on = stopped.wait();
  EXPECT_EQ(gone_on.exit_code, 0) << gone_on.err;
  EXPECT_EQ(gone_on.out, serial("20000")) << gone_on.err;
  EXPECT_NE(gone_on.err.find("has given no sign of life for 2 s: it is stopped (kill -CONT "),
            std::string::npos)
      << gone_on.err;
  EXPECT_NE(gone_on.err.find("going on from the journal"), std::string::npos) << gone_on.err;
  EXPECT_EQ(stopped.leftover_count(), 0U);
  for (const auto& run : runs) {
    const Ended ended = run->wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.out, serial("20000")) << ended.err;
    EXPECT_NE(ended.err.find("rank 0 does not come back from MPI, and ends"), std::string::npos)
        << ended.err;
    EXPECT_EQ(run->leftover_count(), 0U);
  }
}

TEST_F(LaunchTest, without_mpirun_a_run_goes_on_from_the_journal) {
  LaunchedRun run(launch(3, weave("20000")));
  wait_for_the_middle();
  kill(run.launcher(), SIGKILL);
  expect_complete(run, serial("20000"));
}

TEST_F(LaunchTest, lines_come_once_although_the_coordinator_died_twice) {
  LaunchedRun run(launch(3, {"slow_lines", "--items", "150", "--chunks", "150", "--mark-file",
                             file("marks"), "--progress", "off"}));
  for (const std::size_t marks : {20U, 90U}) {
    ASSERT_TRUE(wait_for_lines(file("marks"), marks));
    const pid_t coordinator = run.rank(0);
    kill(coordinator, SIGKILL);
  }
  std::string lines;
  for (int i = 0; i < 150; ++i) lines += "line " + std::to_string(i) + "\n";
  expect_complete(run, lines);
}

TEST_F(LaunchTest, lines_in_any_order_are_not_gone_on_with_but_written_again) {
  LaunchedRun run(launch(3, {"slow_lines", "--items", "150", "--chunks", "150", "--unordered",
                             "--mark-file", file("marks"), "--journal", file("journal")}));
  ASSERT_TRUE(wait_for_lines(file("marks"), 20));
  kill(run.rank(0), SIGKILL);
  expect_refused(run.wait(), 4, "whose lines come in any order");
  EXPECT_EQ(run.leftover_count(), 0U);
  const Ended resumed = run_program(0, {"resume", file("journal"), "-q"});
  std::multiset<std::string> expected;
  for (int i = 0; i < 150; ++i) expected.insert("line " + std::to_string(i));
  std::multiset<std::string> found;
  std::istringstream lines(resumed.out);
  for (std::string line; std::getline(lines, line);) found.insert(line);
  EXPECT_EQ(found, expected);
}

TEST_F(LaunchTest, a_chunk_that_crashes_every_rank_is_named_and_the_run_goes_on_without_it) {
  LaunchedRun run(launch(3, {"mishaps", "--items", "12", "--what", "abort", "--at", "5"}));
  const Ended ended = run.wait();
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(ended.out, "0,1,2,3,4,6,7,8,9,10,11,\n");
  // Three, or all that were at it in the start in which the third died.
  EXPECT_TRUE(std::regex_search(
      ended.err,
      std::regex("chunk 6 was being computed by [345] ranks when they died \\(to compute "
                 "it alone: --only-chunk 6\\); going on from the journal with --isolate")))
      << ended.err;
  EXPECT_NE(ended.err.find("failed 3 times: crashed: SIGABRT"), std::string::npos) << ended.err;
  EXPECT_EQ(run.leftover_count(), 0U);
}

TEST_F(LaunchTest, a_coordinator_that_always_dies_is_given_up) {
  LaunchedRun run(launch(2, {"naps", "--items", "100", "--milliseconds", "1000", "--deaf", "-q",
                             "--chaos", "1,coordinator=50ms"}));
  const Ended ended = run.wait();
  EXPECT_EQ(ended.exit_code, 4) << ended.err;
  EXPECT_NE(ended.err.find("gave up after 3 starts without progress"), std::string::npos)
      << ended.err;
  EXPECT_EQ(run.leftover_count(), 0U);
}

// Of this seed the first coordinator dies as soon as MPI runs, the second after minutes.
TEST_F(LaunchTest, what_a_journal_held_before_is_not_taken_for_the_run_that_died) {
  run_program(0, {"float_sum", "--items", "1000", "-q", "--journal", file("journal")});
  LaunchedRun run(launch(2, {"float_sum", "--items", "1000", "--journal", file("journal"),
                             "--chaos", "36705620,coordinator=1min"}));
  const Ended ended = run.wait();
  EXPECT_EQ(ended.exit_code, 2) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find("already holds a run"), std::string::npos) << ended.err;
}

TEST_F(LaunchTest, a_file_that_is_no_journal_outlives_coordinators_that_die_before_they_see_it) {
  put_file(file("notes"), "dear diary");
  LaunchedRun run(launch(
      2, {"naps", "--items", "4", "--journal", file("notes"), "--chaos", "1,coordinator=1us"}));
  EXPECT_NE(run.wait().exit_code, 0);
  EXPECT_EQ(file_content(file("notes")), "dear diary");
}

TEST_F(LaunchTest, a_launcher_that_is_stopped_for_ever_is_ended_after_the_verdict) {
  LaunchedRun run(launch(2, weave("64")));
  wait_for_the_middle();
  kill(run.launcher(), SIGSTOP);
  expect_complete(run, serial("64"));
}

}  // namespace
}  // namespace taskrun::testing
