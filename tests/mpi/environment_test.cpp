// SPDX-License-Identifier: MIT
#include "taskrun/mpi/environment.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "mpi_world.hpp"

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

}  // namespace
}  // namespace taskrun::testing
