// SPDX-License-Identifier: MIT
#include "taskrun/launch/child.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>

#include "taskrun/core/error.hpp"
#include "taskrun/os/pidfd.hpp"

namespace taskrun::testing {
namespace {

int wait_for_end(Child& child) {
  pollfd polled{child.ended_fd(), POLLIN, 0};
  poll(&polled, 1, 30'000);
  return child.reap().value_or(-1);
}

TEST(ChildTest, ends_with_its_status_and_what_it_said) {
  Child child({{"/bin/sh", "-c", "echo $WORD >&2; exit 7"}, {"WORD=hello"}});
  const int status = wait_for_end(child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  std::array<char, 16> said{};
  EXPECT_EQ(read(child.err_fd(), said.data(), said.size()), 6);
  EXPECT_STREQ(said.data(), "hello\n");
}

TEST(ChildTest, a_program_that_is_not_there_is_an_error_of_the_environment) {
  try {
    Child({{"/no/such/program"}, {}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::environment);
    EXPECT_NE(std::string(error.what()).find("/no/such/program cannot be started"),
              std::string::npos);
  }
}

TEST(ChildTest, its_end_is_the_end_of_its_group) {
  Child child({{"/bin/sh", "-c", "sleep 1000 & echo $! >&2; exit 0"}, {}});
  wait_for_end(child);
  std::array<char, 32> said{};
  ASSERT_GT(read(child.err_fd(), said.data(), said.size() - 1), 0);
  const auto sleeper = process_descriptor(std::stoi(said.data()));
  if (!sleeper.open()) return;  // gone already
  pollfd polled{sleeper.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&polled, 1, 30'000), 1);
}

TEST(ChildTest, one_that_is_stopped_is_woken_up_to_end) {
  Child child({{"/bin/sh", "-c", "kill -STOP $$; exit 0"}, {}});
  siginfo_t stopped{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child.process()), &stopped, WSTOPPED | WNOWAIT), 0);
  child.signal(SIGTERM);
  const int status = wait_for_end(child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

}  // namespace
}  // namespace taskrun::testing
