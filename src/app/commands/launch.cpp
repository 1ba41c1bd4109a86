// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/hints.hpp"
#include "app/cli/this_program.hpp"
#include "app/cli/time_limit.hpp"
#include "app/commands/launch_settings.hpp"
#include "app/commands/launch_words.hpp"
#include "app/commands/start_ranks.hpp"
#include "app/ranks.hpp"
#include "app/run_options.hpp"
#include "app/standard_streams.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/exec/chunk_marks.hpp"
#include "taskrun/journal/journal_reader.hpp"
#include "taskrun/launch/hostfile.hpp"
#include "taskrun/launch/mpirun.hpp"
#include "taskrun/launch/rank_environment.hpp"
#include "taskrun/launch/shared_folder.hpp"
#include "taskrun/launch/supervisor.hpp"
#include "taskrun/os/cpu_count.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/descriptor_limit.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/write_all.hpp"

namespace taskrun {
namespace {

bool is_set(const char* variable) { return std::getenv(variable) != nullptr; }

// Where mpirun knows hosts of its own.
bool inside_allocation() {
  constexpr std::array variables{"SLURM_JOB_ID", "PBS_JOBID", "PE_HOSTFILE",
                                 "OMPI_MCA_orte_default_hostfile"};
  return std::any_of(variables.begin(), variables.end(), is_set);
}

// Batch systems that mpirun need not know of leave a list of their hosts: the job's, unless the
// user names hosts.
std::vector<HostEntry> hosts_of(const LaunchSettings& settings) {
  if (!settings.hostfile.empty()) return read_hostfile(settings.hostfile);
  if (is_set("SLURM_JOB_ID") || is_set("OMPI_MCA_orte_default_hostfile")) return {};
  for (const char* name : {"PBS_NODEFILE", "LSB_DJOB_HOSTFILE", "OAR_NODEFILE"}) {
    const char* const path = std::getenv(name);
    if (path != nullptr && access(path, R_OK) == 0) return read_hostfile(path);
  }
  return {};
}

bool lacks_ssh() {
  for (const char* name :
       {"OMPI_MCA_plm_rsh_agent", "OMPI_MCA_plm_ssh_agent", "PRTE_MCA_plm_ssh_agent"}) {
    if (is_set(name)) return false;
  }
  return !is_in_path("ssh") && !is_in_path("rsh");
}

RankPlan rank_plan(const CommandLine& line, const LaunchSettings& settings,
                   const std::vector<HostEntry>& hosts) {
  RankPlan plan;
  plan.rank_count = settings.rank_count;
  plan.other_hosts = inside_allocation() || !hosts.empty();
  plan.as_root = geteuid() == 0;
  // Where a shell looks then.
  setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 0);
  plan.lacks_ssh = lacks_ssh();
  std::optional<std::uint64_t> slots;
  if (!hosts.empty()) {
    slots = slot_count(hosts);
  } else if (!inside_allocation()) {
    slots = usable_core_count();
    if (plan.rank_count == 0) plan.rank_count = *slots;
  }
  plan.oversubscribed = plan.rank_count > 0 && (!slots || plan.rank_count > *slots);
  plan.ranks = rank_environment();  // what this process was told holds for them
  plan.ranks.end_time = run_end(line.settings.walltime);
  if (!settings.chaos.empty()) plan.ranks.chaos = settings.chaos;
  if (is_set("LD_LIBRARY_PATH")) plan.exported.emplace_back("LD_LIBRARY_PATH");
  return plan;
}

// Workers end by themselves half a minute after rank 0 fell silent: before that it is taken for
// lost.
LifeLimits life_limits() {
  LifeLimits limits;
  if (const auto lost_after = lost_after_variable()) {
    limits.silence_told = *lost_after * 2;
    limits.silence = *lost_after * 6;
  }
  return limits;
}

// What mpirun reads of the hosts. Again for each start: what the ranks share is emptied in between.
std::string write_hostfile(const std::vector<HostEntry>& hosts, const SharedFolder& shared) {
  if (hosts.empty()) return "";
  const std::string path = shared.path() / "hosts";
  const Descriptor file =
      required(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
               "make " + path);
  if (!write_all(file.fd(), hostfile_text(hosts))) throw_system_failure("write " + path);
  return path;
}

// With fewer mpirun waits for ever. Measured, and a few more.
std::uint64_t launcher_descriptors(const RankPlan& plan) {
  constexpr std::uint64_t own = 32;
  constexpr std::uint64_t of_rank = 5;
  const std::uint64_t ranks = plan.other_hosts ? 1 : plan.rank_count;
  return own + of_rank * std::max<std::uint64_t>(ranks, 1);
}

void expect_descriptors(const RankPlan& plan) {
  const std::uint64_t needed = launcher_descriptors(plan);
  const std::uint64_t allowed = first_descriptor_limit().rlim_max;
  if (needed <= allowed) return;
  throw environment_error(fmt::format(
      "cannot start {} ranks: mpirun needs {} descriptors, and ulimit -n allows {}; raise it, or "
      "start fewer ranks (-n)",
      plan.rank_count, needed, allowed));
}

// mpirun starts ranks in the folder of this name. Where it cannot be entered that of Open MPI 4.1
// waits for ever, and that of 5 names another trouble.
void expect_current_folder() {
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::current_path(failed);
  if (!failed && access(folder.c_str(), X_OK) == 0) return;
  if (!failed) failed = std::error_code(errno, std::generic_category());
  throw environment_error("ranks cannot be started in the current folder" +
                          (folder.empty() ? "" : " " + folder.string()) + ": " + failed.message() +
                          "; change to one that can be entered by its name");
}

// The journal of a launched run, which is started again from it.
class LaunchJournal {
 public:
  explicit LaunchJournal(const CommandLine& line)
      : path_(!line.file.empty() ? line.file : line.settings.journal_path),
        named_by_user_(!path_.empty()),
        begun_before_(!line.file.empty() || line.settings.resume) {
    if (path_.empty()) path_ = free_name(line.entry->name);
    held_run_ = holds_run();
  }

  const std::string& path() const { return path_; }
  bool named_by_user() const { return named_by_user_; }

  /// What the ranks are told of it, after their other arguments.
  std::vector<std::string> arguments(std::uint64_t restart) const {
    std::vector<std::string> words;
    if (!named_by_user_) words = {"--journal", path_};
    // What was in it before we came is another run: rank 0 says so, if not at the first start.
    if (restart == 0 || begun_before_ || held_run_) return words;
    if (holds_run()) {
      words.emplace_back("--resume");
    } else {
      // Somebody died while it was made. What the user named may also be another file, which rank 0
      // had no time to refuse.
      remove_unless_named();
    }
    return words;
  }

  bool holds_run() const {
    try {
      return !JournalReader(path_).fingerprint().empty();
    } catch (const Error& error) {
      // What cannot be read now may be all that was done: it is not begun again, and not removed.
      std::error_code failed;
      const auto bytes = std::filesystem::file_size(path_, failed);
      return error.code() != ExitCode::usage && !failed && bytes > 0;
    }
  }

  /// A run that is complete leaves only what it was asked for.
  void remove_unless_named() const {
    if (named_by_user_) return;
    std::error_code ignored;
    for (const char* ending : {"", "-journal"}) {
      std::filesystem::remove(path_ + ending, ignored);
    }
  }

 private:
  // An empty file of that name is ours from then on, also where another launch looks for one at the
  // same time. Where none can be made rank 0 says why.
  static std::string free_name(const std::string& job) {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    const std::string stem = fmt::format("{}-{:%Y%m%d-%H%M%S}", job, local);
    std::string name = stem + ".journal";
    for (int i = 2;; ++i) {
      const Descriptor made(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (made.open() || errno != EEXIST) return name;
      name = fmt::format("{}-{}.journal", stem, i);
    }
  }

  std::string path_;
  bool named_by_user_;
  bool begun_before_;
  bool held_run_ = false;  // before we came
};

// The ranks' standard input: what it was at first is there again for those that begin again, or
// they are told that it is not.
class LaunchInput {
 public:
  explicit LaunchInput(RankPlan& plan) : begin_(lseek(STDIN_FILENO, 0, SEEK_CUR)) {
    // Rank 0 may be on another host; and only who is in the foreground may read a terminal.
    if (plan.other_hosts || isatty(STDIN_FILENO) != 0) return;
    nothing_.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
    plan.ranks.input_apart = true;
  }

  /// What rank 0 gets without mpirun; -1: it passes its own on.
  int of_rank_0() const { return nothing_.open() ? STDIN_FILENO : -1; }
  int of_mpirun() const { return nothing_.open() ? nothing_.fd() : STDIN_FILENO; }

  void begin_again(RankPlan& plan) const {
    if (begin_ >= 0 && lseek(STDIN_FILENO, begin_, SEEK_SET) == begin_) return;
    plan.ranks.input_lost = true;
  }

 private:
  const off_t begin_;
  Descriptor nothing_;
};

std::vector<std::string> rank_command(const CommandLine& line,
                                      const std::vector<std::string>& of_journal) {
  std::vector<std::string> words{this_program()};
  const auto of_rank = rank_arguments(line);
  words.insert(words.end(), of_rank.begin(), of_rank.end());
  // What follows two dashes is no option.
  const auto end = std::find(words.begin(), words.end(), "--");
  words.insert(end, of_journal.begin(), of_journal.end());
  return words;
}

int launch(CommandLine& line, const LaunchSettings& settings, const StandardStreams& streams) {
  const std::string why_not = why_no_ranks();
  if (!why_not.empty()) {
    throw usage_error(why_not +
                      " and cannot start ranks; leave 'launch' out, or build it with "
                      "TASKRUN_WITH_MPI=ON");
  }
  expect_current_folder();
  const std::vector<HostEntry> hosts = hosts_of(settings);
  RankPlan plan = rank_plan(line, settings, hosts);
  expect_descriptors(plan);
  const LaunchJournal journal(line);
  const LaunchInput input(plan);
  const SharedFolder shared;
  const LifelineServer server;
  plan.little_room = shared.has_little_room() && !is_set("PMIX_MCA_gds");
  plan.ranks.shared_folder = shared.path().string();
  plan.ranks.lifeline = server.name();
  plan.ranks.secret = server.secret();
  Console console(STDERR_FILENO, std::nullopt, line.settings.secrets());
  bool journal_is_told = journal.named_by_user() || line.settings.quiet;
  SupervisorOptions options;
  options.launch.on_progress = [&]() -> std::string {
    if (std::exchange(journal_is_told, true)) return "";
    return "the journal is " + journal.path() + " until the run is complete";
  };
  options.launch.life = life_limits();
  for (const auto& host : hosts) options.launch.hosts.push_back(host.address());
  options.in = input.of_rank_0();
  options.out = streams.out;
  options.launch.start_deadline = settings.start_deadline;
  options.launch.stop_deadline += line.settings.isolation.grace;
  options.most_restarts = settings.restarts;
  line.settings.journal_path = journal.path();
  options.resume_command = resume_command(line);
  options.resumable = [&] { return journal.holds_run(); };
  options.chunks_of = [&](std::uint32_t rank) {
    return marked_chunks(shared.path() / chunk_marks_name(rank));
  };
  if (!line.settings.isolation.asked() && settings.chaos.empty()) {
    options.isolate = [&] { plan.ranks.isolate = true; };
  }
  options.clean_up = [&] { shared.empty(); };
  options.command = [&](std::uint64_t restart) {
    plan.ranks.restart = restart;
    plan.hostfile = write_hostfile(hosts, shared);
    if (restart > 0) input.begin_again(plan);
    return ChildCommand{mpirun_arguments(plan, rank_command(line, journal.arguments(restart))),
                        mpirun_environment(plan), input.of_mpirun(), STDOUT_FILENO,
                        launcher_descriptors(plan)};
  };
  int exit_code = 0;
  try {
    exit_code = Supervisor(std::move(options), server, console).run();
  } catch (const Error&) {
    if (!journal.holds_run()) journal.remove_unless_named();
    throw;
  }
  const bool complete = exit_code == static_cast<int>(ExitCode::complete);
  if (complete || !journal.holds_run()) journal.remove_unless_named();
  return exit_code;
}

class LaunchAction final : public Action {
 public:
  std::vector<Param> options() override { return launch_params(settings_); }

  int run(CommandLine& line, ProgramStart& start) override {
    refuse_lone_task(line);
    refuse_ranks(line, start);
    return launch(line, settings_, start.streams);
  }

 private:
  LaunchSettings settings_;
};

}  // namespace

Command command_launch() {
  return {
      .name = "launch",
      .arguments =
          "[options of launch] [run options] JOB [job options]\n"
          "launch [options of launch] [run options] resume JOURNAL",
      .help = "run a job on several ranks, and keep it running when some of them die",
      .more =
          "Starts the ranks with mpirun, here or on the hosts of a hostfile or an allocation.\n"
          "When a rank or a host dies its chunks go to the others; when rank 0 dies the run is\n"
          "restarted from its journal, which is in the current folder until it is complete.\n",
      .examples = {{"launch -n 8 sieve --limit 1e12", "eight ranks on this machine"},
                   {"launch --hostfile hosts sieve --limit 1e13",
                    "a rank for each slot of the hosts"},
                   {"launch --hostfile hosts resume run.journal", "continue an earlier run"}},
      .takes = Command::Takes::job_or_journal,
      .run_options = Command::RunOptions::listed,
      .make = make_action<LaunchAction>};
}

}  // namespace taskrun
