// SPDX-License-Identifier: MIT
#include "app/output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

class OutputTest : public ::testing::Test {
 protected:
  OutputTest() {
    signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(pipe2(pipe_, O_CLOEXEC), 0);
  }
  ~OutputTest() override {
    close_reader();
    close(pipe_[1]);
  }
  void close_reader() {
    if (pipe_[0] >= 0) close(pipe_[0]);
    pipe_[0] = -1;
  }
  // Blocks until so many have come.
  std::string read_bytes(std::size_t count) const {
    std::string text(count, ' ');
    for (std::size_t have = 0; have < count;) {
      const auto n = read(pipe_[0], text.data() + have, count - have);
      if (n <= 0) return text.substr(0, have);
      have += static_cast<std::size_t>(n);
    }
    return text;
  }

  int pipe_[2];
  Wakeup wakeup_;
};

TEST_F(OutputTest, what_is_written_arrives_in_order) {
  OutputWriter writer(pipe_[1], Reader::needed, wakeup_);
  writer.write(view_of("one "));
  writer.write(view_of("two"));
  writer.finish();
  EXPECT_EQ(read_bytes(7), "one two");
}

TEST_F(OutputTest, a_slow_reader_blocks_nobody_and_loses_nothing) {
  OutputWriter writer(pipe_[1], Reader::needed, wakeup_);
  std::string all;
  for (int i = 0; i < 300'000; ++i) all += std::to_string(i) + "\n";
  writer.write(view_of(all));  // far more than a pipe holds
  EXPECT_GT(writer.backlog_bytes(), 0U);
  EXPECT_EQ(read_bytes(all.size()), all);
  writer.finish();
  EXPECT_EQ(writer.backlog_bytes(), 0U);
}

TEST_F(OutputTest, the_message_thread_is_woken_when_the_backlog_shrinks) {
  OutputWriter writer(pipe_[1], Reader::needed, wakeup_);
  writer.write(view_of("text"));
  wakeup_.wait_for(std::chrono::minutes(1));
  EXPECT_EQ(read_bytes(4), "text");
}

TEST_F(OutputTest, a_reader_that_is_gone_is_noticed_while_nothing_is_written) {
  OutputWriter writer(pipe_[1], Reader::needed, wakeup_);
  close_reader();
  wakeup_.wait_for(std::chrono::minutes(1));
  EXPECT_THROW(writer.check(), ReaderGone);
  EXPECT_THROW(writer.write(view_of("text")), ReaderGone);
}

TEST_F(OutputTest, a_reader_of_the_end_may_be_gone_before) {
  OutputWriter writer(pipe_[1], Reader::late, wakeup_);
  close_reader();
  EXPECT_NO_THROW(writer.check());
  writer.write(view_of("text"));
  EXPECT_THROW(writer.finish(), ReaderGone);
}

TEST_F(OutputTest, the_end_does_not_hang_where_the_reader_does_not_read) {
  OutputWriter writer(pipe_[1], Reader::needed, wakeup_);
  writer.write(view_of(std::string(1'000'000, 'x')));
}

TEST_F(OutputTest, a_full_device_is_an_environment_error) {
  const Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  try {
    write_text(full.fd(), "text");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::environment);
    EXPECT_NE(std::string(error.what()).find("No space left"), std::string::npos);
  }
}

TEST_F(OutputTest, a_closed_stdout_is_an_environment_error) {
  EXPECT_THROW(write_text(-1, "text"), Error);
  EXPECT_THROW(write_text(pipe_[0], "text"), Error);  // open for reading only
}

}  // namespace
}  // namespace taskrun
