// SPDX-License-Identifier: MIT
#include "taskrun/launch/mpirun.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "taskrun/launch/far_text.hpp"

namespace taskrun {
namespace {

// A rank that dies before MPI starts is not noticed by a launcher in recovery mode. So the host's
// shell sees first whether the program runs at all (its libraries included), and says so if not.
std::string checking_script() {
  return std::string("set -f; said=$(unset OMPI_COMM_WORLD_RANK PMIX_RANK ") + lifeline_variable +
         "; \"$0\" --version 2>&1 >/dev/null) || { " +
         far_trouble_command("\"$(uname -n) $(echo $said)\"") + "; exit 127; }; exec \"$0\" \"$@\"";
}

void append(std::vector<std::string>& to, std::initializer_list<std::string> words) {
  to.insert(to.end(), words);
}

}  // namespace

std::vector<std::string> mpirun_arguments(const RankPlan& plan,
                                          const std::vector<std::string>& rank_command) {
  // Ranks may die; and a rank's threads need all cores, not the one it would be bound to.
  std::vector<std::string> words{"mpirun", "--enable-recovery", "--bind-to", "none"};
  if (plan.rank_count > 0) append(words, {"-np", std::to_string(plan.rank_count)});
  if (!plan.hostfile.empty()) append(words, {"--hostfile", plan.hostfile});
  if (plan.oversubscribed) words.emplace_back("--oversubscribe");
  append(words, {"--mca", "orte_local_tmpdir_base", plan.ranks.shared_folder});
  // Ctrl-Z stops the ranks.
  append(words, {"--mca", "orte_forward_job_control", "1"});
  for (const auto& [name, value] : to_environment(plan.ranks)) append(words, {"-x", name});
  for (const auto& name : plan.exported) append(words, {"-x", name});
  if (plan.other_hosts) append(words, {"/bin/sh", "-c", checking_script()});
  words.insert(words.end(), rank_command.begin(), rank_command.end());
  return words;
}

std::vector<std::string> mpirun_environment(const RankPlan& plan) {
  std::vector<std::string> settings{
      // Names are looked up whole: hosts of several domains may begin alike.
      "OMPI_MCA_orte_keep_fqdn_hostnames=1",
      // Else a rank of Open MPI 5 that loses a connection to another, also at the end, aborts.
      "OMPI_MCA_mpi_ft_enable=1",
      // What ranks of other hosts write must arrive as they wrote it.
      "OMPI_MCA_orte_tag_output=0", "OMPI_MCA_orte_timestamp_output=0",
      "OMPI_MCA_orte_xml_output=0",
      std::string(prrte_session_folder_variable) + "=" + plan.ranks.shared_folder};
  for (const auto& [name, value] : to_environment(plan.ranks)) {
    settings.push_back(name + "=" + value);
  }
  if (plan.as_root) {
    append(settings, {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"});
  }
  // Open MPI does not start without, also where nobody is to be called.
  if (plan.lacks_ssh && !plan.other_hosts) {
    append(settings, {"OMPI_MCA_plm_rsh_agent=/bin/false", "PRTE_MCA_plm_ssh_agent=/bin/false"});
  }
  // Each rank keeps what it is told of the others in its own memory.
  if (plan.little_room) settings.emplace_back("PMIX_MCA_gds=hash");
  return settings;
}

bool is_in_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace taskrun
