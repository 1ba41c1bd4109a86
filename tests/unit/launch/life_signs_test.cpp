// SPDX-License-Identifier: MIT
#include "taskrun/launch/life_signs.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "taskrun/launch/process_state.hpp"

namespace taskrun::testing {
namespace {

using Finding = LifeSigns::Finding;

class LifeSignsTest : public ::testing::Test {
 protected:
  static LifeLimits limits() {
    return {std::chrono::seconds(3), std::chrono::seconds(6), std::chrono::seconds(10),
            std::chrono::seconds(20)};
  }
  // The first finding within so many seconds.
  Finding after(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      if (const auto finding = look(); finding != Finding::none) return finding;
    }
    return Finding::none;
  }
  Finding look() { return signs_.look(now_ += std::chrono::seconds(1)); }

  LifeSigns signs_{limits()};
  Time now_{std::chrono::hours(1)};
};

TEST_F(LifeSignsTest, silence_is_told_once_and_then_for_good) {
  EXPECT_EQ(after(3), Finding::none);
  EXPECT_EQ(look(), Finding::silent);
  EXPECT_EQ(after(2), Finding::none);
  EXPECT_EQ(look(), Finding::silent_for_good);
}

TEST_F(LifeSignsTest, who_speaks_again_goes_on) {
  EXPECT_EQ(after(4), Finding::silent);
  signs_.on_word();
  EXPECT_EQ(look(), Finding::goes_on);
  EXPECT_EQ(look(), Finding::none);
}

TEST_F(LifeSignsTest, who_lives_and_does_not_move_is_told_of_once_it_has_moved_at_all) {
  for (int i = 0; i < 40; ++i) {
    signs_.on_word();
    signs_.on_moves(0);
    EXPECT_EQ(look(), Finding::none);
  }
  int told_at = 0;
  for (int i = 0; i < 20; ++i) {
    signs_.on_word();
    signs_.on_moves(7);
    const auto finding = look();
    if (finding == Finding::still) told_at = i;
    EXPECT_NE(finding, Finding::silent);
  }
  EXPECT_GE(told_at, 9);
  EXPECT_EQ(look(), Finding::still_for_good);
}

TEST_F(LifeSignsTest, a_pause_of_the_one_who_looks_is_no_silence) {
  look();
  now_ += std::chrono::hours(1);
  EXPECT_EQ(look(), Finding::none);
}

TEST(ProcessStateTest, a_stopped_process_is_told_with_the_remedy) {
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  EXPECT_EQ(state_of_process(child).why, "");
  kill(child, SIGSTOP);
  waitpid(child, nullptr, WUNTRACED);
  EXPECT_EQ(state_of_process(child).why,
            "it is stopped (kill -CONT " + std::to_string(child) + " lets it go on)");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace taskrun::testing
