// SPDX-License-Identifier: MIT
#include "taskrun/mpi/environment.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "mpi_world.hpp"
#include "taskrun/mpi/shared_secret.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;

int epoll_count() {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (fs::read_symlink(entry, gone) == "anon_inode:[eventpoll]") ++count;
  }
  return count;
}

// The process manager's thread in each rank has one anyway.
TEST(MpiEnvironmentTest, open_mpi_watches_its_descriptors_by_epoll) {
  mpi_environment();
  EXPECT_GT(epoll_count(), 1);
}

// On all ranks, in their order.
std::vector<std::string> on_each_rank(const std::string& text) {
  constexpr int most = 64;
  int size = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  std::string mine = text;
  mine.resize(most);
  std::string all(static_cast<std::size_t>(size) * most, '\0');
  MPI_Allgather(mine.data(), most, MPI_CHAR, all.data(), most, MPI_CHAR, MPI_COMM_WORLD);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < all.size(); i += most) texts.emplace_back(all.c_str() + i);
  return texts;
}

TEST(MpiSecretTest, all_ranks_have_the_same_one_and_each_time_another) {
  mpi_environment();
  std::set<std::string> different;
  for (const auto ask :
       {secret_by_kernel, secret_by_launcher, secret_by_kernel, secret_by_launcher}) {
    const std::string secret = ask();
    EXPECT_EQ(secret.size(), 32U);
    EXPECT_EQ(secret.find_first_not_of("0123456789abcdef"), std::string::npos) << secret;
    for (const auto& other : on_each_rank(secret)) EXPECT_EQ(other, secret);
    different.insert(secret);
  }
  EXPECT_EQ(different.size(), 4U);
}

TEST(MpiSecretTest, nothing_is_made_for_one_rank_and_all_others_have_one) {
  mpi_environment();
  int size = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const std::string secret = shared_secret();
  EXPECT_EQ(secret.size(), size == 1 ? 0U : 32U);
  for (const auto& other : on_each_rank(secret)) EXPECT_EQ(other, secret);
}

}  // namespace
}  // namespace taskrun::testing
