// SPDX-License-Identifier: MIT
#include "taskrun/launch/hostfile.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

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

TEST_F(HostfileTest, whatever_an_editor_made_of_it_is_the_same_to_mpirun) {
  const std::string plain = "a.one.test slots=2\na.two.test\nroot@node3 slots=1\n";
  const char* const forms[] = {
      "a.one.test slots=2\na.two.test\nroot@node3 slots=1\n",
      "\xEF\xBB\xBF"
      "a.one.test slots=2\r\na.two.test\r\n\r\nnode3 slots=1 user=root\r\n",
      "a.one.test\tcpus = 2 max_slots=4 # big\ra.two.test\r#\rnode3 username=root count=1",
      "a.one.test\na.two.test\nA.One.test slots=1\nroot@node3 slots=1",
  };
  for (const char* form : forms) EXPECT_EQ(hostfile_text(read(form)), plain) << form;
}

TEST_F(HostfileTest, a_line_for_each_slot_counts_them) {
  EXPECT_EQ(hostfile_text(read("n1\nn1\nn2\nn1\nn2\nn3\n")), "n1 slots=3\nn2 slots=2\nn3\n");
  EXPECT_EQ(hostfile_text(read("n1 slots=2\nn1 slots=3\n")), "n1 slots=5\n");
}

TEST_F(HostfileTest, what_no_launcher_takes_is_refused_by_its_name) {
  EXPECT_NE(error_of("::1 slots=2\n").find("'::1' is an IPv6 address"), std::string::npos);
  EXPECT_NE(error_of("[fe80::1] slots=2\n").find("IPv6"), std::string::npos);
  EXPECT_NE(error_of("node1:4\n").find("node1 slots=4"), std::string::npos);
  EXPECT_NE(error_of("node1 slot=4\n").find("unknown 'slot'"), std::string::npos);
  EXPECT_NE(error_of("-oProxyCommand=x\n").find("line 1"), std::string::npos);
  EXPECT_NE(error_of("n1 user=-x\n").find("no name of a user"), std::string::npos);
  for (const char* name : {"-v", "^node1", "+n0", "$(id)", "a/b", "a,b", ".."}) {
    EXPECT_NE(error_of(std::string(name) + "\n").find("is no name of a host"), std::string::npos)
        << name;
  }
  EXPECT_NE(error_of("node\x1b[31m1\n").find("control character (0x1b)"), std::string::npos);
  EXPECT_NE(error_of(std::string("node\0001\n", 7)).find("control character"), std::string::npos);
  EXPECT_NE(error_of("\xFF\xFE"
                     "n")
                .find("UTF-16"),
            std::string::npos);
  EXPECT_NE(error_of("n1 slots=18446744073709551615\n").find("not a number"), std::string::npos);
}

TEST_F(HostfileTest, it_may_be_a_pipe_that_can_be_read_once) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  std::thread writer([&] {
    std::ofstream out(path_);
    out << "node1 slots=2\n" << std::flush << "node2 slots=3\n";
  });
  EXPECT_EQ(hostfile_text(read_hostfile(path_)), "node1 slots=2\nnode2 slots=3\n");
  writer.join();
}

TEST_F(HostfileTest, a_file_without_hosts_or_none_at_all_is_refused) {
  EXPECT_NE(error_of("# nothing\n").find("names no host"), std::string::npos);
  EXPECT_THROW(read_hostfile("/no/such/file"), Error);
  EXPECT_THROW(read_hostfile("/tmp"), Error);
}

}  // namespace
}  // namespace taskrun::testing
