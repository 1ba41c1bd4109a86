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

}  // namespace
}  // namespace taskrun
