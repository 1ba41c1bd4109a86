// SPDX-License-Identifier: MIT
#include "taskrun/net/launched_rank.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace taskrun {
namespace {

std::optional<std::uint32_t> number_at_front(std::string_view& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::uint32_t> number(const VariableReader& variable, const char* name) {
  const char* value = variable(name);
  if (value == nullptr) return std::nullopt;
  std::string_view text = value;
  const auto parsed = number_at_front(text);
  return text.empty() ? parsed : std::nullopt;
}

bool skip(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

// Slurm writes the tasks of the nodes of a step as "2(x3),1": three nodes with two, one with one.
std::optional<std::uint32_t> tasks_of_node(std::string_view counts, std::uint32_t node) {
  while (!counts.empty()) {
    const auto tasks = number_at_front(counts);
    std::uint32_t nodes = 1;
    if (skip(counts, "(x")) {
      nodes = number_at_front(counts).value_or(0);
      skip(counts, ")");
    }
    if (!tasks || nodes == 0) return std::nullopt;
    if (node < nodes) return tasks;
    node -= nodes;
    skip(counts, ",");
  }
  return std::nullopt;
}

std::optional<LaunchedRank> checked(std::optional<std::uint32_t> rank,
                                    std::optional<std::uint32_t> size,
                                    std::optional<std::uint32_t> local_size) {
  if (!rank || !size || *rank >= *size) return std::nullopt;
  // Without its word take all ranks to be here: too few slots are slow, too many are in the way.
  const std::uint32_t local = local_size.value_or(*size);
  if (local == 0 || local > *size) return std::nullopt;
  return LaunchedRank{*rank, *size, local};
}

// mpirun of Open MPI, also inside a batch job.
std::optional<LaunchedRank> from_mpirun(const VariableReader& variable) {
  return checked(number(variable, "OMPI_COMM_WORLD_RANK"), number(variable, "OMPI_COMM_WORLD_SIZE"),
                 number(variable, "OMPI_COMM_WORLD_LOCAL_SIZE"));
}

// srun --mpi=pmix. SLURM_PROCID alone says nothing: a batch script has it too, started by nobody.
std::optional<LaunchedRank> from_srun(const VariableReader& variable) {
  const char* counts = variable("SLURM_STEP_TASKS_PER_NODE");
  const auto node = number(variable, "SLURM_NODEID");
  return checked(number(variable, "PMIX_RANK"), number(variable, "SLURM_STEP_NUM_TASKS"),
                 counts != nullptr && node ? tasks_of_node(counts, *node) : std::nullopt);
}

// srun --mpi=pmi2, and launchers of other MPI libraries.
std::optional<LaunchedRank> from_pmi(const VariableReader& variable) {
  return checked(number(variable, "PMI_RANK"), number(variable, "PMI_SIZE"),
                 number(variable, "MPI_LOCALNRANKS"));
}

const char* in_environment(const char* name) { return std::getenv(name); }

// Who starts processes together, and how each learns its number, and how many they are (none: it
// does not). srun sets the number of a step's tasks for these only, not for a batch script.
struct KnownLauncher {
  const char* name;
  const char* number;
  const char* count;
  const char* remedy;
};
constexpr const char* use_mpirun =
    "start it with its command 'launch', or with the mpirun of Open MPI";
constexpr std::array known_launchers{
    KnownLauncher{"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS",
                  "use 'srun --mpi=pmix', or the command 'launch' without srun"},
    KnownLauncher{"a launcher of PMIx", "PMIX_RANK", nullptr, use_mpirun},
    KnownLauncher{"a launcher of PMI", "PMI_RANK", "PMI_SIZE", use_mpirun},
    KnownLauncher{"mpirun of MVAPICH", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", use_mpirun},
    KnownLauncher{"mpirun of MVAPICH", "MPIRUN_RANK", "MPIRUN_NPROCS", use_mpirun},
    KnownLauncher{"mpirun of Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", use_mpirun},
    KnownLauncher{"flux", "FLUX_TASK_RANK", "FLUX_JOB_SIZE", use_mpirun},
    KnownLauncher{"jsrun", "JSM_NAMESPACE_RANK", "JSM_NAMESPACE_SIZE", use_mpirun},
    KnownLauncher{"aprun", "ALPS_APP_PE", nullptr, use_mpirun},
    KnownLauncher{"poe", "MP_CHILD", "MP_PROCS", use_mpirun}};

}  // namespace

std::optional<LaunchedRank> launched_rank() { return launched_rank(in_environment); }

std::optional<LoneTask> lone_task() { return lone_task(in_environment); }

std::optional<LoneTask> lone_task(const VariableReader& variable) {
  // What a command of ours starts belongs to that command.
  if (launched_rank(variable) || variable("TASKRUN_ITEM") != nullptr) return std::nullopt;
  for (const auto& launcher : known_launchers) {
    const auto number_here = number(variable, launcher.number);
    if (!number_here) continue;
    const auto count = launcher.count == nullptr ? 0U : number(variable, launcher.count);
    if (!count || *count == 1) continue;
    return LoneTask{launcher.name, *number_here, *count, launcher.remedy, launcher.number};
  }
  return std::nullopt;
}

std::optional<LaunchedRank> launched_rank(const VariableReader& variable) {
  for (const auto from : {from_mpirun, from_srun, from_pmi}) {
    if (auto rank = from(variable)) return rank;
  }
  return std::nullopt;
}

}  // namespace taskrun
