// SPDX-License-Identifier: MIT
#include "taskrun/net/channels.hpp"

#include <gtest/gtest.h>

#include "taskrun/net/loopback.hpp"

namespace taskrun::testing {
namespace {

Frame frame_of(std::uint16_t type) { return {type, {}}; }

/// Two ranks of a hub: the test speaks for rank 1, rank 0 has channels.
class ChannelsTest : public ::testing::Test {
 protected:
  Wakeup wakeups_[2];
  LoopbackHub hub_{2};
  std::unique_ptr<Transport> here_ = hub_.connect(0, wakeups_[0]);
  std::unique_ptr<Transport> there_ = hub_.connect(1, wakeups_[1]);
  Channels channels_{*here_};
};

TEST_F(ChannelsTest, each_run_gets_its_own_frames_in_order) {
  const auto one = channels_.open(RunId{1});
  const auto two = channels_.open(RunId{2});
  for (std::uint16_t type = 1; type <= 6; ++type) {
    there_->send(0, {type, {}, RunId{1 + type % 2U}});
  }
  for (const unsigned type : {2U, 4U, 6U}) EXPECT_EQ(one->receive().value().frame.type, type);
  for (const unsigned type : {1U, 3U, 5U}) EXPECT_EQ(two->receive().value().frame.type, type);
  EXPECT_FALSE(one->receive());
  EXPECT_FALSE(two->receive());
}

TEST_F(ChannelsTest, what_a_run_sends_carries_its_number) {
  channels_.open(RunId{7})->send(1, frame_of(3));
  EXPECT_EQ(there_->receive().value().frame.run, RunId{7});
}

TEST_F(ChannelsTest, frames_of_no_run_are_the_sessions) {
  const auto run = channels_.open(RunId{1});
  there_->send(0, frame_of(9));
  EXPECT_FALSE(run->receive());
  EXPECT_EQ(channels_.next_of_session().value().frame.type, 9);
  EXPECT_FALSE(channels_.next_of_session());
}

TEST_F(ChannelsTest, late_frames_are_dropped_and_counted) {
  channels_.open(RunId{1}).reset();
  there_->send(0, {1, {}, RunId{1}});
  there_->send(0, {1, {}, RunId{5}});
  EXPECT_TRUE(channels_.receive());
  EXPECT_EQ(channels_.late_count(), 2U);
  EXPECT_FALSE(channels_.open(RunId{5})->receive());
}

/// Something else than frames comes from rank 1.
class BrokenTransport final : public Transport {
 public:
  std::uint32_t rank() const override { return 0; }
  std::uint32_t size() const override { return 2; }
  void send(std::uint32_t, Frame) override {}
  std::optional<Received> receive() override {
    if (std::exchange(said_, true)) return std::nullopt;
    return Received{1, {}, "a frame with a wrong start"};
  }
  Duration longest_sleep() const override { return Duration::max(); }

 private:
  bool said_ = false;
};

TEST(BrokenChannelsTest, every_run_hears_of_a_sender_who_sends_no_frames_also_a_later_one) {
  BrokenTransport transport;
  Channels channels(transport);
  const auto one = channels.open(RunId{1});
  EXPECT_EQ(one->receive().value().broken, "a frame with a wrong start");
  const auto two = channels.open(RunId{2});
  EXPECT_EQ(two->receive().value().from, 1U);
  EXPECT_FALSE(two->receive());
  EXPECT_FALSE(one->receive());
}

}  // namespace
}  // namespace taskrun::testing
