// SPDX-License-Identifier: MIT
#include "taskrun/os/cpu_count.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace taskrun {
namespace {

namespace fs = std::filesystem;

/// A file tree that is removed again.
class CpuCountTest : public ::testing::Test {
 protected:
  CpuCountTest() {
    std::string name = (fs::temp_directory_path() / "taskrun-cpu-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~CpuCountTest() override { fs::remove_all(root); }

  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }

  fs::path root;
};

TEST_F(CpuCountTest, a_version_2_quota_is_rounded_up) {
  write("proc/self/cgroup", "0::/user/job\n");
  write("sys/fs/cgroup/user/job/cpu.max", "150000 100000\n");
  EXPECT_EQ(quota_core_count(root), 2U);
}

TEST_F(CpuCountTest, the_tightest_group_above_counts) {
  write("proc/self/cgroup", "0::/user/job\n");
  write("sys/fs/cgroup/user/job/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/user/cpu.max", "300000 100000\n");
  EXPECT_EQ(quota_core_count(root), 3U);
}

TEST_F(CpuCountTest, a_version_1_quota_is_read) {
  write("proc/self/cgroup", "5:cpu,cpuacct:/box\n3:memory:/box\n");
  write("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "200000\n");
  write("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota_core_count(root), 2U);
}

TEST_F(CpuCountTest, no_quota_is_no_limit) {
  EXPECT_EQ(quota_core_count(root), 0U);
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(quota_core_count(root), 0U);
}

TEST(AffinityTest, one_core_in_the_mask_is_one_usable_core) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_core_count(), 1U);
  EXPECT_EQ(rank_core_count(1), 1U);
  sched_setaffinity(0, sizeof before, &before);
}

TEST(AffinityTest, ranks_share_the_cores_and_get_one_at_least) {
  EXPECT_EQ(rank_core_count(100'000), 1U);
  EXPECT_LE(2 * rank_core_count(2), std::max(2U, affinity_core_count(getppid())));
}

}  // namespace
}  // namespace taskrun
