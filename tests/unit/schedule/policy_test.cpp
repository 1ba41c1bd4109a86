// SPDX-License-Identifier: MIT
#include "taskrun/schedule/policy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace taskrun {
namespace {

/// The lengths of all leases of a grid, granted one after the other.
std::vector<std::uint64_t> lengths(Schedule schedule, std::uint64_t chunks, std::uint32_t slots) {
  const auto policy = make_policy(schedule);
  std::vector<std::uint64_t> all;
  LeaseRequest request;
  request.chunk_count = chunks;
  request.slot_count = slots;
  for (request.pending = chunks; request.pending > 0;) {
    const std::uint64_t length = std::min(policy->lease_length(request), request.pending);
    all.push_back(length);
    request.pending -= length;
    request.first += length;
  }
  return all;
}

TEST(PolicyTest, names_lead_back_to_their_schedules) {
  for (const Schedule schedule : all_schedules) {
    EXPECT_EQ(schedule_named(name_of(schedule)), schedule);
  }
  EXPECT_FALSE(schedule_named("fastest"));
}

TEST(PolicyTest, static_gives_every_slot_one_equal_share) {
  EXPECT_EQ(lengths(Schedule::fixed, 10, 4), (std::vector<std::uint64_t>{2, 3, 2, 3}));
}

TEST(PolicyTest, dynamic_gives_one_chunk_at_a_time) {
  EXPECT_EQ(lengths(Schedule::dynamic, 3, 4), (std::vector<std::uint64_t>{1, 1, 1}));
}

TEST(PolicyTest, guided_divides_what_is_left_by_the_slots) {
  EXPECT_EQ(lengths(Schedule::guided, 100, 4).front(), 25U);
  EXPECT_EQ(lengths(Schedule::guided, 100, 4)[1], 19U);
  EXPECT_EQ(lengths(Schedule::guided, 100, 4).back(), 1U);
}

TEST(PolicyTest, factoring_halves_what_is_left_after_each_round) {
  EXPECT_EQ(lengths(Schedule::factoring, 16, 2),
            (std::vector<std::uint64_t>{4, 4, 2, 2, 1, 1, 1, 1}));
}

LeaseRequest measured_request() {
  LeaseRequest request;
  request.chunk_count = 1'000'000;
  request.pending = 1'000'000;
  request.slot_count = 10;
  request.slot_speed = 1000;  // a chunk takes 1 ms
  request.total_speed = 10'000;
  request.measured = 1'000'000;
  return request;
}

TEST(PolicyTest, auto_starts_with_one_chunk) {
  EXPECT_EQ(make_policy(Schedule::automatic)->lease_length(LeaseRequest{.pending = 1000}), 1U);
}

TEST(PolicyTest, auto_gives_a_quarter_of_a_second_at_the_most) {
  const auto length = make_policy(Schedule::automatic)->lease_length(measured_request());
  EXPECT_LE(length, 250U);
  EXPECT_GE(length, 180U);  // but for the alignment
}

TEST(PolicyTest, auto_gives_a_millisecond_at_the_least) {
  LeaseRequest request = measured_request();
  request.slot_speed = 1e6;
  request.total_speed = 1e7;
  request.pending = 10;
  EXPECT_GE(make_policy(Schedule::automatic)->lease_length(request), 750U);
}

TEST(PolicyTest, auto_gives_a_slow_worker_as_much_less_as_it_is_slower) {
  LeaseRequest request = measured_request();
  request.pending = 1600;
  const auto fast = make_policy(Schedule::automatic)->lease_length(request);
  request.slot_speed = 250;
  EXPECT_EQ(fast, 80U);
  EXPECT_EQ(make_policy(Schedule::automatic)->lease_length(request), 20U);
}

TEST(PolicyTest, auto_does_not_trust_a_speed_far_beyond_what_it_was_measured_on) {
  LeaseRequest request = measured_request();
  request.measured = 3;
  EXPECT_LE(make_policy(Schedule::automatic)->lease_length(request), 24U);
}

TEST(PolicyTest, auto_ends_leases_at_borders_of_large_blocks) {
  LeaseRequest request = measured_request();
  request.first = 5;
  const auto length = make_policy(Schedule::automatic)->lease_length(request);
  EXPECT_EQ((request.first + length) % 32, 0U);
}

}  // namespace
}  // namespace taskrun
