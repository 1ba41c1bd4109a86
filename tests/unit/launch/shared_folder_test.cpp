// SPDX-License-Identifier: MIT
#include "taskrun/launch/shared_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;

// What the name of such a folder begins with.
std::string named(const std::string& rest) {
  return "taskrun." + std::to_string(geteuid()) + "." + rest;
}

void make_old(const fs::path& folder) {
  fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(1));
}

TEST(SharedFolderTest, those_of_supervisors_that_died_are_removed_and_new_ones_are_not) {
  const ScratchFolder where;
  const fs::path dead = where.file(named("dead").c_str());
  const fs::path empty = where.file(named("empty").c_str());
  const fs::path fresh = where.file(named("fresh").c_str());
  fs::create_directories(dead / "session");
  put_file((dead / "lock").string(), "");
  for (const auto& folder : {empty, fresh}) fs::create_directory(folder);
  make_old(empty);
  const SharedFolder first(where.path());
  const SharedFolder second(where.path());
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_FALSE(fs::exists(empty));
  EXPECT_TRUE(fs::exists(fresh));
  EXPECT_TRUE(fs::exists(first.path()));
  EXPECT_NE(first.path(), second.path());
}

TEST(SharedFolderTest, no_link_is_followed_and_no_pipe_waited_for) {
  const ScratchFolder where;
  const fs::path precious = where.file("precious");
  fs::create_directory(precious);
  put_file((precious / "lock").string(), "");
  const fs::path linked = where.file(named("linked").c_str());
  fs::create_directory_symlink(precious, linked);
  const fs::path lock_linked = where.file(named("lock_linked").c_str());
  fs::create_directory(lock_linked);
  fs::create_symlink(precious / "lock", lock_linked / "lock");
  const fs::path piped = where.file(named("piped").c_str());
  fs::create_directory(piped);
  ASSERT_EQ(mkfifo((piped / "lock").c_str(), 0600), 0);
  const fs::path pipe = where.file(named("pipe").c_str());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const auto& folder : {lock_linked, piped}) make_old(folder);
  { const SharedFolder shared(where.path()); }
  EXPECT_TRUE(fs::exists(precious / "lock"));
  for (const auto& left : {linked, lock_linked, piped, pipe}) {
    EXPECT_TRUE(fs::exists(fs::symlink_status(left))) << left;
  }
}

// As root: what another user put there stays, whatever its name.
TEST(SharedFolderTest, folders_of_others_are_left_alone) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const ScratchFolder where;
  const fs::path foreign = where.file(named("evil").c_str());
  const fs::path lock_foreign = where.file(named("evil_lock").c_str());
  for (const auto& folder : {foreign, lock_foreign}) {
    fs::create_directory(folder);
    put_file((folder / "lock").string(), "");
  }
  ASSERT_EQ(chown(foreign.c_str(), 65534, 65534), 0);
  ASSERT_EQ(chown((lock_foreign / "lock").c_str(), 65534, 65534), 0);
  make_old(foreign);
  { const SharedFolder shared(where.path()); }
  EXPECT_TRUE(fs::exists(foreign / "lock"));
  EXPECT_TRUE(fs::exists(lock_foreign / "lock"));
}

}  // namespace
}  // namespace taskrun::testing
