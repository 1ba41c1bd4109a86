// SPDX-License-Identifier: MIT
#include "taskrun/launch/lifeline.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "taskrun/launch/run_secret.hpp"
#include "taskrun/os/pidfd.hpp"
#include "taskrun/os/pipe.hpp"

namespace taskrun::testing {
namespace {

using What = Lifeline::Heard::What;

struct Line {
  LifelineServer server;
  std::optional<Lifeline> rank = Lifeline::connect(server.name());
  std::optional<Lifeline> supervisor = server.accept();
};

TEST(LifelineTest, nobody_answers_to_a_name_that_is_not_there) {
  EXPECT_FALSE(Lifeline::connect("taskrun-nobody"));
}

TEST(LifelineTest, words_arrive_whole_and_in_order) {
  const Line line;
  ASSERT_TRUE(line.rank && line.supervisor);
  EXPECT_EQ(line.supervisor->hear().what, What::nothing);
  line.rank->say({LifelineWord::Kind::hello, 3, 8});
  line.rank->say({LifelineWord::Kind::verdict, 3, 75});
  EXPECT_EQ(line.supervisor->hear().word.rank, 3U);
  const auto heard = line.supervisor->hear();
  EXPECT_EQ(heard.word.kind, LifelineWord::Kind::verdict);
  EXPECT_EQ(heard.word.value, 75U);
}

TEST(LifelineTest, what_is_longer_or_shorter_than_a_word_is_none) {
  for (const std::size_t size : {sizeof(LifelineWord) - 1, sizeof(LifelineWord) + 1}) {
    const Line line;
    ASSERT_TRUE(line.rank && line.supervisor);
    const std::vector<char> packet(size);
    ASSERT_EQ(send(line.rank->fd(), packet.data(), size, 0), static_cast<ssize_t>(size));
    EXPECT_EQ(line.supervisor->hear().what, What::end);
  }
}

TEST(LifelineTest, a_verdict_is_heard_however_long_nobody_listened) {
  const Line line;
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    line.rank->say({i % 10 == 0 ? LifelineWord::Kind::alive : LifelineWord::Kind::progress, 0, i});
  }
  line.rank->say({LifelineWord::Kind::verdict, 0, 3});
  LifelineWord last;
  for (auto heard = line.supervisor->hear(); heard.what == What::word;
       heard = line.supervisor->hear()) {
    last = heard.word;
  }
  EXPECT_EQ(last.kind, LifelineWord::Kind::verdict);
  EXPECT_EQ(last.value, 3U);
}

TEST(LifelineTest, the_end_of_one_side_is_heard_by_the_other_after_its_last_word) {
  Line line;
  line.rank->say({LifelineWord::Kind::progress, 0, 1});
  line.rank.reset();
  EXPECT_EQ(line.supervisor->hear().what, What::word);
  EXPECT_EQ(line.supervisor->hear().what, What::end);
  line.supervisor->say({LifelineWord::Kind::stop, 0, 0});  // hurts nobody
}

TEST(LifelineTest, both_sides_know_each_others_process) {
  const Line line;
  EXPECT_EQ(line.supervisor->other_process(), getpid());
  EXPECT_TRUE(line.rank->same_user());
}

TEST(LifelineTest, the_other_process_is_held_by_a_descriptor_of_it) {
  std::optional<LifelineServer> server(std::in_place);
  const pid_t rank = fork();
  if (rank == 0) {
    const auto line = Lifeline::connect(server->name());
    for (;;) pause();
  }
  pollfd polled{server->fd(), POLLIN, 0};
  ASSERT_EQ(poll(&polled, 1, 30'000), 1);
  const auto line = server->accept();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->other_process(), rank);
  const Descriptor process = line->other_process_descriptor();
  ASSERT_TRUE(send_signal(process, SIGKILL));
  int status = 0;
  ASSERT_EQ(waitpid(rank, &status, 0), rank);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_FALSE(send_signal(process, SIGKILL));
}

// As root: a socket of another user is met where the supervisor's should be.
TEST(LifelineTest, a_server_of_another_user_is_not_talked_to) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  Pipe told = make_pipe();
  Pipe end = make_pipe();
  const pid_t other = fork();
  if (other == 0) {
    end.writer.reset();
    if (setuid(65534) != 0) _exit(1);
    const LifelineServer server;
    if (write(told.writer.fd(), server.name().data(), server.name().size()) < 0) _exit(1);
    char nothing = 0;
    _exit(read(end.reader.fd(), &nothing, 1) == 0 ? 0 : 1);
  }
  std::array<char, 128> name{};
  const auto size = read(told.reader.fd(), name.data(), name.size());
  ASSERT_GT(size, 0);
  EXPECT_FALSE(Lifeline::connect({name.data(), static_cast<std::size_t>(size)}));
  end.writer.reset();
  waitpid(other, nullptr, 0);
}

TEST(LifelineTest, each_run_has_a_secret_of_its_own) {
  const Line line;
  EXPECT_NE(secret_number(line.server.secret()), secret_number(LifelineServer().secret()));
}

TEST(LifelineTest, streams_are_handed_over) {
  const Line line;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  {
    Streams given;
    given.err = std::move(writer);
    given.written_bytes = 7;
    give_streams(*line.supervisor, given);
  }
  {
    const auto streams = receive_streams(*line.rank);
    ASSERT_TRUE(streams);
    EXPECT_FALSE(streams->in.open());
    EXPECT_FALSE(streams->out.open());
    EXPECT_EQ(streams->written_bytes, 7U);
    EXPECT_EQ(write(streams->err.fd(), "x", 1), 1);
  }
  std::array<char, 2> buffer{};
  EXPECT_EQ(read(reader.fd(), buffer.data(), 2), 1);
  EXPECT_EQ(read(reader.fd(), buffer.data(), 2), 0) << "somebody still holds it";
}

// Which of them come is told apart.
TEST(LifelineTest, each_stream_arrives_as_itself) {
  for (const bool with_in : {false, true}) {
    for (const bool with_out : {false, true}) {
      const Line line;
      Pipe err = make_pipe();
      Pipe in = make_pipe();
      Pipe out = make_pipe();
      ASSERT_EQ(write(in.writer.fd(), "in", 2), 2);
      Streams given;
      given.err = std::move(err.writer);
      if (with_in) given.in = std::move(in.reader);
      if (with_out) given.out = std::move(out.writer);
      given.out_is_terminal = with_out;
      give_streams(*line.supervisor, given);
      const auto streams = receive_streams(*line.rank);
      ASSERT_TRUE(streams);
      EXPECT_EQ(streams->out_is_terminal, with_out);
      EXPECT_EQ(streams->in.open(), with_in);
      EXPECT_EQ(streams->out.open(), with_out);
      std::array<char, 4> buffer{};
      EXPECT_EQ(write(streams->err.fd(), "err", 3), 3);
      EXPECT_EQ(read(err.reader.fd(), buffer.data(), 4), 3);
      if (with_in) {
        EXPECT_EQ(read(streams->in.fd(), buffer.data(), 4), 2);
      }
      if (with_out) {
        EXPECT_EQ(write(streams->out.fd(), "outs", 4), 4);
        EXPECT_EQ(read(out.reader.fd(), buffer.data(), 4), 4);
      }
    }
  }
}

}  // namespace
}  // namespace taskrun::testing
