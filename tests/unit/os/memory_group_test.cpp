// SPDX-License-Identifier: MIT
// With folders that look as the kernel's do: what it makes of a new group is there beforehand.
#include "taskrun/os/memory_group.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t limit_bytes = 1'000'000;

class MemoryGroupTest : public ::testing::Test {
 protected:
  void put(const std::string& file, const std::string& text) const {
    const fs::path path = root_ / file;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string text_of(const fs::path& file) const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Where a group named "a" is to be made.
  fs::path group_below(const std::string& folder) const {
    return root_ / folder / ("taskrun-command-" + std::to_string(getpid()) + "-a");
  }
  fs::path kernel_makes(const std::string& folder, const std::vector<std::string>& files) const {
    const fs::path group = group_below(folder);
    fs::create_directories(group);
    for (const auto& file : files) std::ofstream(group / file).flush();
    return group;
  }
  std::unique_ptr<MemoryGroup> make(const std::string& own_groups) const {
    std::ofstream(folder_.file("own")) << own_groups;
    return MemoryGroup::make(limit_bytes, "a", {folder_.file("own"), root_});
  }

  const ScratchFolder folder_;
  const fs::path root_ = fs::path(folder_.path()) / "cgroup";
  const std::vector<std::string> version_2{"memory.max", "memory.swap.max", "memory.oom.group",
                                           "memory.events", "cgroup.procs"};
};

TEST_F(MemoryGroupTest, of_version_2_it_is_beside_ours_with_a_limit_for_swap_as_well) {
  put("user/cgroup.subtree_control", "cpu memory pids\n");
  put("user/session/cgroup.procs", "");
  const fs::path folder = kernel_makes("user", version_2);
  const auto group = make("1:cpu:/x\n0::/user/session\n");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(text_of(folder / "memory.max"), "1000000");
  EXPECT_EQ(text_of(folder / "memory.swap.max"), "0");
  EXPECT_EQ(text_of(folder / "memory.oom.group"), "1");
  EXPECT_TRUE(group->take(4711));
  EXPECT_EQ(text_of(folder / "cgroup.procs"), "4711");
  EXPECT_FALSE(group->was_full());
  std::ofstream(folder / "memory.events") << "low 0\nhigh 3\nmax 7\noom 1\noom_kill 0\n";
  EXPECT_FALSE(group->was_full());
  std::ofstream(folder / "memory.events") << "low 0\nhigh 3\nmax 7\noom 1\noom_kill 2\n";
  EXPECT_TRUE(group->was_full());
}

// As in a container that has a name space of its own.
TEST_F(MemoryGroupTest, of_version_2_it_is_below_the_root_where_we_are_there) {
  put("cgroup.subtree_control", "memory\n");
  kernel_makes("", version_2);
  EXPECT_NE(make("0::/\n"), nullptr);
}

TEST_F(MemoryGroupTest, of_version_2_there_is_none_where_memory_is_not_handed_down) {
  put("user/cgroup.subtree_control", "cpu pids\n");
  put("user/session/cgroup.procs", "");
  kernel_makes("user", version_2);
  EXPECT_EQ(make("0::/user/session\n"), nullptr);
  EXPECT_EQ(make("0::/nowhere/else\n"), nullptr);
  EXPECT_EQ(make(""), nullptr);
}

TEST_F(MemoryGroupTest, of_version_1_it_is_below_ours) {
  put("memory/user/cgroup.procs", "");
  const fs::path folder =
      kernel_makes("memory/user", {"memory.limit_in_bytes", "memory.memsw.limit_in_bytes",
                                   "memory.oom_control", "cgroup.procs"});
  const auto group = make("5:devices:/\n4:memory:/user\n0::/\n");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(text_of(folder / "memory.limit_in_bytes"), "1000000");
  EXPECT_EQ(text_of(folder / "memory.memsw.limit_in_bytes"), "1000000");
  std::ofstream(folder / "memory.oom_control") << "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n";
  EXPECT_TRUE(group->was_full());
}

TEST_F(MemoryGroupTest, those_of_killed_processes_are_removed) {
  put("user/cgroup.subtree_control", "memory\n");
  put("user/session/cgroup.procs", "");
  kernel_makes("user", version_2);
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  const fs::path of_gone = root_ / "user" / ("taskrun-command-" + std::to_string(gone) + "-3");
  const fs::path of_living = root_ / "user" / ("taskrun-command-" + std::to_string(getppid()));
  fs::create_directories(of_gone);
  fs::create_directories(of_living);
  EXPECT_NE(make("0::/user/session\n"), nullptr);
  EXPECT_FALSE(fs::exists(of_gone));
  EXPECT_TRUE(fs::exists(of_living));
}

}  // namespace
}  // namespace taskrun::testing
