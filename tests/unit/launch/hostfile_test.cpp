// SPDX-License-Identifier: MIT
#include "taskrun/launch/hostfile.hpp"

#include <gtest/gtest.h>

#include "scratch_folder.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun::testing {
namespace {

class HostfileTest : public ::testing::Test {
 protected:
  std::vector<HostEntry> read(const std::string& text) const {
    put_file(path_, text);
    return read_hostfile(path_);
  }
  std::string error_of(const std::string& text) const {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::usage);
      return error.what();
    }
    return "";
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.file("hosts");
};

TEST_F(HostfileTest, hosts_with_slots_comments_and_spaces) {
  const auto hosts =
      read("# mine\n\n node1 slots=4 max_slots=8\nnode2 slots = 2 # the small one\n");
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0].name, "node1");
  EXPECT_EQ(hosts[1].slots, 2U);
  EXPECT_EQ(slot_count(hosts), 6U);
}

TEST_F(HostfileTest, nobody_knows_the_slots_where_a_host_leaves_them_open) {
  EXPECT_FALSE(slot_count(read("node1 slots=4\nnode2\n")));
}

TEST_F(HostfileTest, what_cannot_be_meant_is_told_with_its_line) {
  EXPECT_NE(error_of("node1\nnode2 slots=many\n").find("line 2: slots=many"), std::string::npos);
  EXPECT_NE(error_of("node1 slots=0\n").find("line 1"), std::string::npos);
  EXPECT_NE(error_of("slots=4\n").find("a host's name comes first"), std::string::npos);
  EXPECT_NE(error_of("node1 4\n").find("node1 slots=4"), std::string::npos);
}

TEST_F(HostfileTest, a_file_without_hosts_or_none_at_all_is_refused) {
  EXPECT_NE(error_of("# nothing\n").find("names no host"), std::string::npos);
  EXPECT_THROW(read_hostfile("/no/such/file"), Error);
  EXPECT_THROW(read_hostfile("/tmp"), Error);
}

}  // namespace
}  // namespace taskrun::testing
