// SPDX-License-Identifier: MIT
#include "taskrun/engine/peer_watch.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taskrun::testing {
namespace {

/// A process that does nothing until it is ended.
class Idler {
 public:
  Idler() : pid_(fork()) {
    if (pid_ != 0) return;
    for (;;) pause();
  }
  ~Idler() { end(); }
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  ProcessName name() const { return {static_cast<std::uint32_t>(pid_), this_process().machine}; }

 private:
  pid_t pid_;
};

TEST(PeerWatchTest, a_process_that_ends_is_told_of_once) {
  Idler one;
  Idler two;
  PeerWatch watch;
  watch.watch(1, one.name());
  watch.watch(2, two.name());
  EXPECT_FALSE(watch.next_ended());
  two.end();
  EXPECT_EQ(watch.next_ended(), 2U);
  EXPECT_FALSE(watch.next_ended());
}

TEST(PeerWatchTest, one_that_had_ended_before_counts_as_ended) {
  Idler gone;
  const ProcessName name = gone.name();
  gone.end();
  PeerWatch watch;
  watch.watch(3, name);
  EXPECT_EQ(watch.next_ended(), 3U);
}

TEST(PeerWatchTest, processes_of_other_machines_are_left_alone) {
  Idler gone;
  ProcessName name = gone.name();
  gone.end();
  ++name.machine;
  PeerWatch watch;
  watch.watch(4, name);
  EXPECT_TRUE(watch.empty());
  name.machine = 0;  // unknown
  watch.watch(4, name);
  EXPECT_TRUE(watch.empty());
}

}  // namespace
}  // namespace taskrun::testing
