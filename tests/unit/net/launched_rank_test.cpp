// SPDX-License-Identifier: MIT
#include "taskrun/net/launched_rank.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace taskrun {
namespace {

std::optional<LaunchedRank> with(const std::map<std::string, std::string>& variables) {
  return launched_rank([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(LaunchedRankTest, nothing_is_said_without_a_launcher) { EXPECT_FALSE(with({})); }

TEST(LaunchedRankTest, mpirun_says_rank_size_and_ranks_of_this_host) {
  const auto rank = with({{"OMPI_COMM_WORLD_RANK", "3"},
                          {"OMPI_COMM_WORLD_SIZE", "8"},
                          {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}});
  ASSERT_TRUE(rank);
  EXPECT_EQ(rank->rank, 3U);
  EXPECT_EQ(rank->size, 8U);
  EXPECT_EQ(rank->local_size, 4U);
}

std::optional<LaunchedRank> in_step(const std::string& node) {
  return with({{"PMIX_RANK", "6"},
               {"SLURM_STEP_NUM_TASKS", "7"},
               {"SLURM_STEP_TASKS_PER_NODE", "2(x3),1"},
               {"SLURM_NODEID", node}});
}

TEST(LaunchedRankTest, srun_tells_the_tasks_of_each_node_in_runs) {
  EXPECT_EQ(in_step("2").value().local_size, 2U);
  EXPECT_EQ(in_step("3").value().local_size, 1U);
}

TEST(LaunchedRankTest, a_batch_script_without_srun_is_no_rank) {
  EXPECT_FALSE(with({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}));
}

TEST(LaunchedRankTest, what_makes_no_sense_is_ignored) {
  EXPECT_FALSE(with({{"OMPI_COMM_WORLD_RANK", "8"}, {"OMPI_COMM_WORLD_SIZE", "8"}}));
  EXPECT_FALSE(with({{"OMPI_COMM_WORLD_RANK", "one"}, {"OMPI_COMM_WORLD_SIZE", "8"}}));
  EXPECT_FALSE(with({{"OMPI_COMM_WORLD_RANK", "-1"}, {"OMPI_COMM_WORLD_SIZE", "8"}}));
}

std::optional<LoneTask> lone(const std::map<std::string, std::string>& variables) {
  return lone_task([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(LaunchedRankTest, tasks_that_are_no_ranks_are_known_for_what_they_are) {
  const auto task = lone({{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}});
  ASSERT_TRUE(task);
  EXPECT_EQ(task->number, 1U);
  EXPECT_EQ(task->count, 2U);
  EXPECT_TRUE(lone({{"PMIX_RANK", "0"}}));
  const char* const pairs[][2] = {{"MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"},
                                  {"FLUX_TASK_RANK", "FLUX_JOB_SIZE"},
                                  {"JSM_NAMESPACE_RANK", "JSM_NAMESPACE_SIZE"},
                                  {"MP_CHILD", "MP_PROCS"},
                                  {"MPIRUN_RANK", "MPIRUN_NPROCS"}};
  for (const auto& [rank, size] : pairs) {
    EXPECT_TRUE(lone({{rank, "0"}, {size, "3"}})) << rank;
    EXPECT_FALSE(lone({{rank, "0"}, {size, "1"}})) << rank;
    EXPECT_FALSE(lone({{size, "3"}})) << rank;
  }
}

TEST(LaunchedRankTest, ranks_and_processes_that_were_started_alone_are_no_lone_tasks) {
  EXPECT_FALSE(lone({}));
  EXPECT_FALSE(lone({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}})) << "a batch script";
  EXPECT_FALSE(lone({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}}));
  EXPECT_FALSE(lone({{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"PMIX_RANK", "1"}}));
  EXPECT_FALSE(lone({{"SLURM_PROCID", "1"},
                     {"SLURM_STEP_NUM_TASKS", "2"},
                     {"OMPI_COMM_WORLD_RANK", "0"},
                     {"OMPI_COMM_WORLD_SIZE", "2"}}))
      << "mpirun starts its daemons by srun";
  EXPECT_FALSE(lone({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"TASKRUN_ITEM", "1"}}))
      << "a command of a run";
}

}  // namespace
}  // namespace taskrun
