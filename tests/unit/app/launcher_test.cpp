// SPDX-License-Identifier: MIT
#include "app/launcher.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <thread>

#include "taskrun/os/pipe.hpp"

namespace taskrun::testing {
namespace {

TEST(LauncherTest, what_was_said_last_is_read_before_a_rank_ends) {
  const Pipe pipe = make_pipe();
  ASSERT_EQ(write(pipe.writer.fd(), "why", 3), 3);
  std::thread launcher([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // slow, as on a busy machine
    char words[8];
    EXPECT_EQ(read(pipe.reader.fd(), words, sizeof words), 3);
  });
  let_launcher_read(pipe.writer.fd());
  int unread = -1;
  EXPECT_EQ(ioctl(pipe.writer.fd(), FIONREAD, &unread), 0);
  EXPECT_EQ(unread, 0);
  launcher.join();
}

TEST(LauncherTest, nobody_waits_for_who_reads_no_pipe) {
  let_launcher_read(-1);
  const Descriptor nothing(open("/dev/null", O_WRONLY | O_CLOEXEC));
  let_launcher_read(nothing.fd());
}

}  // namespace
}  // namespace taskrun::testing
