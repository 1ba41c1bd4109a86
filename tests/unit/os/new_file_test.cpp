// SPDX-License-Identifier: MIT
#include "taskrun/os/new_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "taskrun/os/write_all.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

using Meanwhile = NewFile::Meanwhile;

class NewFileTest : public ::testing::TestWithParam<Meanwhile> {
 protected:
  NewFileTest() {
    std::string name = (fs::temp_directory_path() / "taskrun-new-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~NewFileTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string content(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_)) all.insert(entry.path().filename());
    return all;
  }

  fs::path folder_;
};

TEST_P(NewFileTest, it_has_its_name_when_it_is_kept_and_is_gone_otherwise) {
  { const NewFile dropped(path("a"), GetParam()); }
  EXPECT_TRUE(names().empty());
  NewFile file(path("a"), GetParam());
  ASSERT_TRUE(file.open());
  EXPECT_TRUE(write_all(file.fd(), "text"));
  EXPECT_FALSE(names().contains("a"));
  NewFile moved;
  moved = std::move(file);
  EXPECT_TRUE(moved.keep());
  EXPECT_EQ(names(), std::set<std::string>{"a"});
  EXPECT_EQ(content("a"), "text");
}

TEST_P(NewFileTest, no_two_have_the_same_name_on_their_way) {
  NewFile one(path("a"), GetParam());
  NewFile two(path("a"), GetParam());
  EXPECT_EQ(names().size(), GetParam() == Meanwhile::named ? 2U : 0U);
  EXPECT_TRUE(write_all(one.fd(), "one"));
  EXPECT_TRUE(write_all(two.fd(), "two"));
  EXPECT_TRUE(one.keep());
  EXPECT_TRUE(two.keep());
  EXPECT_EQ(names(), std::set<std::string>{"a"});
  EXPECT_EQ(content("a"), "two");
}

TEST_P(NewFileTest, a_link_at_its_name_is_replaced_and_not_followed) {
  std::ofstream(path("victim")) << "precious";
  fs::create_symlink("victim", path("a"));
  NewFile file(path("a"), GetParam());
  EXPECT_TRUE(write_all(file.fd(), "text"));
  EXPECT_TRUE(file.keep());
  EXPECT_EQ(content("victim"), "precious");
  EXPECT_EQ(content("a"), "text");
}

TEST_P(NewFileTest, its_permissions_are_those_of_the_umask) {
  const mode_t before = ::umask(027);
  NewFile file(path("a"), GetParam());
  ::umask(before);
  EXPECT_TRUE(file.keep());
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms(0640));
}

TEST_P(NewFileTest, what_cannot_be_made_or_kept_says_why) {
  const NewFile nowhere(path("none/a"), GetParam());
  EXPECT_FALSE(nowhere.open());
  EXPECT_EQ(errno, ENOENT);
  fs::create_directories(path("a/in the way"));
  NewFile file(path("a"), GetParam());
  EXPECT_FALSE(file.keep());
  EXPECT_EQ(errno, EISDIR);
}

INSTANTIATE_TEST_SUITE_P(files, NewFileTest,
                         ::testing::Values(Meanwhile::nameless, Meanwhile::named),
                         [](const auto& test) {
                           return test.param == Meanwhile::named ? "named" : "nameless";
                         });

}  // namespace
}  // namespace taskrun
