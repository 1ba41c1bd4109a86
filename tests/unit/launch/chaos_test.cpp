// SPDX-License-Identifier: MIT
#include "taskrun/launch/chaos.hpp"

#include <gtest/gtest.h>

namespace taskrun::testing {
namespace {

using std::chrono::seconds;

Chaos killing() {
  Chaos chaos;
  chaos.seed = 7;
  chaos.kill = seconds(10);
  return chaos;
}

TEST(ChaosTest, the_same_seed_brings_the_same_faults) {
  Chaos chaos = killing();
  chaos.stop = seconds(5);
  const auto once = faults_of(chaos, {3, "a", false, 0});
  const auto again = faults_of(chaos, {3, "b", false, 0});
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].at, again[i].at);
}

TEST(ChaosTest, ranks_seeds_and_restarts_have_faults_of_their_own) {
  Chaos chaos = killing();
  const auto at = [&](std::uint32_t rank, std::uint64_t restart) {
    return faults_of(chaos, {rank, "a", false, restart}).front().at;
  };
  const Duration one = at(1, 0);
  EXPECT_NE(one, at(2, 0));
  EXPECT_NE(one, at(1, 1));
  chaos.seed = 8;
  EXPECT_NE(one, at(1, 0));
}

TEST(ChaosTest, rank_0_is_left_alone_unless_the_coordinator_is_asked_for) {
  Chaos chaos = killing();
  chaos.stop = seconds(5);
  EXPECT_TRUE(faults_of(chaos, {0, "a", false, 0}).empty());
  chaos.coordinator = seconds(5);
  EXPECT_EQ(faults_of(chaos, {0, "a", false, 0}).size(), 1U);
}

TEST(ChaosTest, each_stop_is_followed_by_its_end) {
  Chaos chaos;
  chaos.stop = seconds(5);
  const auto faults = faults_of(chaos, {1, "a", false, 0});
  ASSERT_GT(faults.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(faults[i].kind, i % 2 == 0 ? Fault::Kind::stop : Fault::Kind::go_on);
    EXPECT_LE(faults[i].at, faults[i + 1].at);
  }
}

TEST(ChaosTest, the_ranks_of_a_dropped_host_die_together_and_some_hosts_live) {
  Chaos chaos;
  chaos.drop_host = seconds(30);
  std::size_t dropped = 0;
  for (int host = 0; host < 100; ++host) {
    const std::string name = "host" + std::to_string(host);
    const auto one = faults_of(chaos, {1, name, true, 0});
    const auto other = faults_of(chaos, {2, name, true, 0});
    ASSERT_EQ(one.size(), other.size());
    if (one.empty()) continue;
    ++dropped;
    EXPECT_EQ(one.front().at, other.front().at);
    EXPECT_TRUE(faults_of(chaos, {1, name, false, 0}).empty()) << "the supervisor's own host";
    EXPECT_TRUE(faults_of(chaos, {0, name, true, 0}).empty()) << "rank 0";
  }
  EXPECT_GT(dropped, 20U);
  EXPECT_LT(dropped, 80U);
}

TEST(ChaosTest, delays_stay_below_what_was_asked_for) {
  Chaos chaos;
  chaos.delay = std::chrono::milliseconds(100);
  Delays delays(chaos, {1, "a", true, 0});
  std::size_t delayed = 0;
  Time now{};
  for (int i = 0; i < 10'000; ++i) {
    now += std::chrono::milliseconds(1);
    const Duration delay = delays.next(now);
    EXPECT_LE(delay, chaos.delay);
    delayed += delay > Duration::zero() ? 1U : 0U;
  }
  EXPECT_GT(delayed, 5U);
  EXPECT_LT(delayed, 100U);
}

}  // namespace
}  // namespace taskrun::testing
