// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "app/chaos_hand.hpp"
#include "app/commands.hpp"
#include "app/time_limit.hpp"
#include "taskrun/core/error.hpp"
#ifdef TASKRUN_WITH_MPI
#include "taskrun/exec/cpu_count.hpp"
#include "taskrun/launch/hostfile.hpp"
#include "taskrun/launch/mpirun.hpp"
#include "taskrun/launch/shared_folder.hpp"
#include "taskrun/launch/supervisor.hpp"
#endif

namespace taskrun {

#ifdef TASKRUN_WITH_MPI

namespace {

std::string this_program() {
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) throw environment_error("/proc/self/exe cannot be read, so ranks cannot be started");
  return path.string();
}

bool is_set(const char* variable) { return std::getenv(variable) != nullptr; }

bool inside_allocation() { return is_set("SLURM_JOB_ID") || is_set("PBS_JOBID"); }

RankPlan rank_plan(const CommandLine& line) {
  const LaunchSettings& settings = line.launch;
  RankPlan plan;
  plan.rank_count = settings.rank_count;
  plan.hostfile = settings.hostfile;
  plan.other_hosts = inside_allocation() || !settings.hostfile.empty();
  plan.as_root = geteuid() == 0;
  std::optional<std::uint64_t> slots;
  if (!settings.hostfile.empty()) {
    slots = slot_count(read_hostfile(settings.hostfile));
  } else if (!inside_allocation()) {
    slots = usable_core_count();
    if (plan.rank_count == 0) plan.rank_count = *slots;
  }
  plan.oversubscribed = plan.rank_count > 0 && (!slots || plan.rank_count > *slots);
  fix_end_time(line.settings.walltime);
  if (!settings.chaos.empty()) setenv(chaos_variable, settings.chaos.c_str(), 1);
  for (const char* name :
       {"LD_LIBRARY_PATH", "TASKRUN_LOST_AFTER", chaos_variable, end_time_variable}) {
    if (is_set(name)) plan.exported.emplace_back(name);
  }
  return plan;
}

}  // namespace

int launch_command(CommandLine& line, const StandardStreams& streams) {
  RankPlan plan = rank_plan(line);
  const SharedFolder shared;
  const LifelineServer server;
  plan.shared_folder = shared.path().string();
  plan.lifeline = server.name();
  std::vector<std::string> rank_command{this_program()};
  rank_command.insert(rank_command.end(), line.rank_arguments.begin(), line.rank_arguments.end());

  Console console(STDERR_FILENO, std::nullopt);
  SupervisorOptions options;
  options.launch.out = streams.out;
  options.launch.start_deadline = line.launch.start_deadline;
  options.most_restarts = line.launch.restarts;
  options.clean_up = [&] { shared.empty(); };
  options.command = [&](std::uint64_t restart) {
    plan.restart = restart;
    return ChildCommand{mpirun_arguments(plan, rank_command), mpirun_environment(plan)};
  };
  return Supervisor(std::move(options), server, console).run();
}

#else

int launch_command(CommandLine&, const StandardStreams&) {
  throw usage_error(
      "this program was built without MPI and cannot start ranks; leave 'launch' out, or build it "
      "with TASKRUN_WITH_MPI=ON");
}

#endif

}  // namespace taskrun
