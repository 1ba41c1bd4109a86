// SPDX-License-Identifier: MIT
#include "taskrun/schedule/plan.hpp"

#include <gtest/gtest.h>

namespace taskrun {
namespace {

constexpr WorkerId alice{1};
constexpr WorkerId bob{2};

class PlanTest : public ::testing::Test {
 protected:
  PlanTest() : plan(10, 2) {
    plan.add_worker(alice, 1);
    plan.add_worker(bob, 1);
  }
  ~PlanTest() override { EXPECT_TRUE(plan.consistent()); }

  /// Commits all chunks of a lease and ends it.
  void finish(const Lease& lease) {
    EXPECT_TRUE(plan.commit(lease.chunks));
    plan.advance(lease.id, lease.chunks.end, true);
  }

  Plan plan;
};

TEST_F(PlanTest, leases_come_lowest_first_and_do_not_overlap) {
  EXPECT_EQ(plan.lease(alice, 4)->chunks, (ChunkRange{0, 4}));
  EXPECT_EQ(plan.lease(bob, 4)->chunks, (ChunkRange{4, 8}));
  EXPECT_EQ(plan.lease(alice, 4)->chunks, (ChunkRange{8, 10}));
  EXPECT_FALSE(plan.lease(bob, 4));
}

TEST_F(PlanTest, all_chunks_committed_complete_it) {
  finish(*plan.lease(alice, 10));
  EXPECT_TRUE(plan.complete());
}

TEST_F(PlanTest, a_chunk_counts_once) {
  const Lease lease = *plan.lease(alice, 4);
  EXPECT_TRUE(plan.commit({0, 2}));
  EXPECT_FALSE(plan.commit({0, 2}));
  EXPECT_FALSE(plan.commit({1, 4}));  // overlaps
  EXPECT_TRUE(plan.commit({2, 4}));
  plan.advance(lease.id, 4, true);
  EXPECT_EQ(plan.done().size(), 4U);
}

TEST_F(PlanTest, chunks_of_a_removed_worker_come_back) {
  const Lease lease = *plan.lease(alice, 6);
  plan.commit({0, 2});
  plan.advance(lease.id, 2, false);
  plan.remove_worker(alice, Loss::silent);
  EXPECT_EQ(plan.pending_count(), 8U);
  EXPECT_EQ(plan.lease(bob, 10)->chunks.begin, 2U);
}

TEST_F(PlanTest, late_answer_of_a_lost_worker_counts_if_nobody_was_faster) {
  plan.lease(alice, 6);
  plan.remove_worker(alice, Loss::silent);
  EXPECT_TRUE(plan.commit({0, 6}));
  EXPECT_EQ(plan.lease(bob, 10)->chunks, (ChunkRange{6, 10}));
}

TEST_F(PlanTest, late_answer_of_a_lost_worker_is_dropped_if_somebody_was) {
  plan.lease(alice, 6);
  plan.remove_worker(alice, Loss::silent);
  finish(*plan.lease(bob, 6));
  EXPECT_FALSE(plan.commit({0, 6}));
}

TEST_F(PlanTest, who_may_answer_for_chunks_is_who_holds_them_or_held_them_when_it_fell_silent) {
  const Lease lease = *plan.lease(alice, 6);
  EXPECT_TRUE(plan.may_answer(alice, {2, 6}));
  EXPECT_FALSE(plan.may_answer(alice, {2, 7}));
  EXPECT_FALSE(plan.may_answer(bob, {2, 6}));
  plan.commit({0, 2});
  plan.advance(lease.id, 2, false);
  EXPECT_FALSE(plan.may_answer(alice, {0, 1}));
  plan.remove_worker(alice, Loss::silent);
  EXPECT_TRUE(plan.may_answer(alice, {2, 6}));
  plan.add_worker(alice, 1);
  EXPECT_TRUE(plan.may_answer(alice, {2, 6}));
  const Lease theirs = *plan.lease(bob, 4);
  EXPECT_TRUE(plan.may_answer(bob, theirs.chunks));
  plan.remove_worker(bob, Loss::ended);
  EXPECT_FALSE(plan.may_answer(bob, theirs.chunks));
}

TEST_F(PlanTest, progress_of_a_lease_that_ended_is_ignored) {
  const Lease lease = *plan.lease(alice, 10);
  finish(lease);
  EXPECT_FALSE(plan.advance(lease.id, 10, true));
}

TEST_F(PlanTest, an_old_report_come_twice_is_ignored) {
  const Lease lease = *plan.lease(alice, 10);
  plan.commit({0, 4});
  plan.advance(lease.id, 2, false);
  plan.advance(lease.id, 4, false);
  plan.advance(lease.id, 2, false);
  EXPECT_EQ(plan.find_lease(lease.id)->chunks, (ChunkRange{4, 10}));
}

TEST_F(PlanTest, a_waiting_lease_is_copied_before_a_running_one) {
  plan.lease(alice, 5);
  const Lease waiting = *plan.lease(alice, 5);
  const auto copy = plan.copy(bob);
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->original, waiting.id);
  EXPECT_EQ(copy->holder, alice);
  EXPECT_TRUE(copy->waiting);
}

TEST_F(PlanTest, what_waits_elsewhere_may_be_asked_for_once) {
  plan.lease(alice, 4);
  const Lease waiting = *plan.lease(alice, 6);
  EXPECT_FALSE(plan.take_waiting(alice));
  EXPECT_EQ(plan.take_waiting(bob), waiting.id);
  EXPECT_FALSE(plan.take_waiting(bob));
  plan.advance(waiting.id, waiting.chunks.begin, true);
  EXPECT_EQ(plan.lease(bob, 10)->chunks, waiting.chunks);
}

TEST_F(PlanTest, a_lease_has_two_copies_at_the_most) {
  plan.add_worker(WorkerId{3}, 1);
  plan.lease(alice, 10);
  EXPECT_TRUE(plan.copy(bob));
  EXPECT_FALSE(plan.copy(WorkerId{3}));
}

TEST_F(PlanTest, nobody_copies_its_own_lease) {
  plan.lease(alice, 10);
  EXPECT_FALSE(plan.copy(alice));
}

TEST_F(PlanTest, the_first_copy_to_commit_wins_and_names_the_other) {
  const Lease original = *plan.lease(alice, 10);
  const auto copy = plan.copy(bob);
  EXPECT_TRUE(plan.commit({0, 10}));
  EXPECT_EQ(plan.advance(copy->lease.id, 10, true), original.id);
  EXPECT_FALSE(plan.commit({0, 10}));
  EXPECT_TRUE(plan.complete());
}

TEST_F(PlanTest, chunks_stay_covered_when_one_of_two_copies_is_lost) {
  plan.lease(alice, 10);
  plan.copy(bob);
  plan.remove_worker(alice, Loss::silent);
  EXPECT_EQ(plan.pending_count(), 0U);
  plan.remove_worker(bob, Loss::silent);
  EXPECT_EQ(plan.pending_count(), 10U);
}

TEST_F(PlanTest, a_copy_covers_only_chunks_that_are_new) {
  const Lease lease = *plan.lease(alice, 10);
  plan.commit({4, 6});  // a late answer
  EXPECT_EQ(plan.copy(bob)->lease.chunks, (ChunkRange{0, 4}));
  EXPECT_TRUE(plan.find_lease(lease.id));
}

TEST_F(PlanTest, what_was_dropped_comes_back) {
  const Lease lease = *plan.lease(alice, 4);
  plan.commit({1, 2});                // a late answer
  EXPECT_FALSE(plan.commit({0, 4}));  // so this is dropped as a whole
  plan.advance(lease.id, 4, true);
  EXPECT_EQ(plan.pending_count(), 9U);
  EXPECT_EQ(plan.lease(bob, 10)->chunks, (ChunkRange{0, 1}));
}

TEST_F(PlanTest, a_failed_chunk_is_tried_again_alone_and_by_another_worker) {
  const Lease lease = *plan.lease(alice, 10);
  EXPECT_EQ(plan.fail(lease.id, 0), Plan::Failure::retried);
  plan.advance(lease.id, 1, false);
  EXPECT_FALSE(plan.lease(alice, 10));
  const auto again = plan.lease(bob, 10);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->chunks, (ChunkRange{0, 1}));
  EXPECT_EQ(again->attempt, 2U);
}

TEST_F(PlanTest, the_only_worker_retries_its_own_failures) {
  plan.remove_worker(bob, Loss::silent);
  const Lease lease = *plan.lease(alice, 10);
  plan.fail(lease.id, 0);
  plan.advance(lease.id, 1, false);
  EXPECT_TRUE(plan.lease(alice, 1));
}

TEST_F(PlanTest, a_chunk_is_given_up_after_its_retries) {
  plan.remove_worker(bob, Loss::silent);
  std::optional<Lease> lease = plan.lease(alice, 1);
  for (int attempt = 1; attempt <= 2; ++attempt) {
    EXPECT_EQ(plan.fail(lease->id, 0), Plan::Failure::retried);
    plan.advance(lease->id, 1, true);
    lease = plan.lease(alice, 1);
  }
  EXPECT_EQ(plan.fail(lease->id, 0), Plan::Failure::given_up);
  plan.advance(lease->id, 1, true);
  EXPECT_EQ(plan.failed_count(), 1U);
  EXPECT_EQ(plan.done_count(), 0U);
  EXPECT_EQ(plan.attempts(0), 3U);
  EXPECT_FALSE(plan.commit({0, 1}));  // too late
}

TEST_F(PlanTest, two_copies_of_one_try_count_once) {
  const Lease lease = *plan.lease(alice, 10);
  const auto copy = plan.copy(bob);
  EXPECT_EQ(plan.fail(lease.id, 0), Plan::Failure::ignored);  // the other may still do it
  EXPECT_EQ(plan.fail(copy->lease.id, 0), Plan::Failure::ignored);
  plan.advance(lease.id, 1, false);
  plan.advance(copy->lease.id, 1, false);
  EXPECT_EQ(plan.attempts(0), 1U);
}

TEST_F(PlanTest, no_try_is_numbered_beyond_the_retries) {
  std::optional<Lease> lease = plan.lease(alice, 1);
  for (int attempt = 1; attempt <= 2; ++attempt) {
    plan.fail(lease->id, 0);
    plan.advance(lease->id, 1, true);
    lease = plan.lease(attempt % 2 ? bob : alice, 1);
  }
  // The last try fails while a copy of it waits elsewhere, and then that copy is dropped.
  EXPECT_EQ(lease->attempt, 3U);
  plan.lease(bob, 9);
  const auto copy = plan.copy(bob);
  ASSERT_TRUE(copy);
  EXPECT_EQ(plan.fail(lease->id, 0), Plan::Failure::ignored);
  plan.advance(lease->id, 1, true);
  plan.advance(copy->lease.id, 0, true);
  const auto again = plan.lease(bob, 1);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->chunks, (ChunkRange{0, 1}));
  EXPECT_EQ(again->attempt, 3U);
  EXPECT_EQ(plan.fail(again->id, 0), Plan::Failure::given_up);
  plan.advance(again->id, 1, true);
}

TEST_F(PlanTest, a_cancelled_lease_gives_back_what_it_has_not_tried) {
  const Lease lease = *plan.lease(alice, 10);
  plan.commit({0, 3});
  plan.advance(lease.id, 3, true);
  EXPECT_EQ(plan.pending_count(), 7U);
}

TEST(PlanMemoryTest, a_billion_chunks_are_a_few_ranges) {
  Plan plan(1'000'000'000, 2);
  plan.add_worker(alice, 1);
  while (const auto lease = plan.lease(alice, 1'000'000)) {
    plan.commit(lease->chunks);
    plan.advance(lease->id, lease->chunks.end, true);
  }
  EXPECT_TRUE(plan.complete());
  EXPECT_EQ(plan.done().range_count(), 1U);
}

TEST(PlanMemoryTest, no_chunks_are_complete) { EXPECT_TRUE(Plan(0, 2).complete()); }

TEST(PlanLossTest, a_chunk_that_ended_three_workers_is_given_up_and_no_other) {
  Plan plan(1000, 2);
  const WorkerId coordinator{0};
  plan.add_worker(coordinator, 1);
  std::uint32_t next_worker = 1;
  std::vector<std::uint64_t> given_up;
  constexpr std::uint64_t poison = 777;
  while (given_up.empty()) {
    const WorkerId worker{next_worker++};
    ASSERT_LT(next_worker, 10U);
    plan.add_worker(worker, 1);
    while (const auto lease = plan.lease(worker, 500)) {
      if (lease->chunks.contains(poison)) break;  // and dies
      plan.commit(lease->chunks);
      plan.advance(lease->id, lease->chunks.end, true);
    }
    given_up = plan.remove_worker(worker, Loss::ended);
    ASSERT_TRUE(plan.consistent());
  }
  EXPECT_EQ(given_up, std::vector{poison});
  while (const auto lease = plan.lease(coordinator, 500)) {
    plan.commit(lease->chunks);
    plan.advance(lease->id, lease->chunks.end, true);
  }
  EXPECT_TRUE(plan.complete());
  EXPECT_EQ(plan.failed_count(), 1U);
}

TEST(PlanLossTest, suspects_do_not_go_to_the_coordinators_worker_while_there_is_another) {
  Plan plan(10, 2);
  for (std::uint32_t i = 0; i < 3; ++i) plan.add_worker(WorkerId{i}, 1);
  EXPECT_EQ(plan.lease(WorkerId{1}, 5)->chunks, (ChunkRange{0, 5}));
  plan.remove_worker(WorkerId{1}, Loss::ended);
  EXPECT_EQ(plan.lease(WorkerId{0}, 5)->chunks, (ChunkRange{5, 10}));
  EXPECT_FALSE(plan.lease(WorkerId{0}, 5));
  EXPECT_EQ(plan.lease(WorkerId{2}, 5)->chunks, (ChunkRange{0, 1}));
  plan.remove_worker(WorkerId{2}, Loss::ended);
  EXPECT_TRUE(plan.lease(WorkerId{0}, 5));
}

TEST(PlanLossTest, silence_is_no_proof) {
  Plan plan(1, 2);
  for (std::uint32_t i = 0; i < 6; ++i) plan.add_worker(WorkerId{i}, 1);
  for (std::uint32_t i = 1; i < 6; ++i) {
    ASSERT_TRUE(plan.lease(WorkerId{i}, 1));
    EXPECT_TRUE(plan.remove_worker(WorkerId{i}, Loss::silent).empty());
  }
}

TEST(PlanLossTest, a_worker_that_ended_twice_counts_once) {
  Plan plan(1, 2);
  plan.add_worker(WorkerId{0}, 1);
  for (int i = 0; i < 5; ++i) {
    plan.add_worker(WorkerId{1}, 1);
    ASSERT_TRUE(plan.lease(WorkerId{1}, 1));
    EXPECT_TRUE(plan.remove_worker(WorkerId{1}, Loss::ended).empty());
  }
}

/// A plan whose chunks come while it goes on: none at first.
class OpenPlanTest : public PlanTest {
 protected:
  OpenPlanTest() {
    plan = Plan(0, 2);
    plan.add_worker(alice, 2);
    plan.add_worker(bob, 2);
    plan.grow(0, Extent::open);
  }
};

TEST_F(OpenPlanTest, chunks_are_leased_as_they_come) {
  EXPECT_FALSE(plan.lease(alice, 4));
  plan.grow(3, Extent::open);
  EXPECT_EQ(plan.lease(alice, 4)->chunks, (ChunkRange{0, 3}));
  plan.grow(5, Extent::open);
  EXPECT_EQ(plan.lease(bob, 4)->chunks, (ChunkRange{3, 5}));
}

TEST_F(OpenPlanTest, it_is_complete_only_when_no_more_comes) {
  EXPECT_FALSE(plan.complete());
  plan.grow(3, Extent::open);
  finish(*plan.lease(alice, 4));
  EXPECT_FALSE(plan.complete());
  plan.grow(3, Extent::ended);
  EXPECT_TRUE(plan.complete());
}

TEST_F(OpenPlanTest, growing_is_new_work) {
  plan.take_new_work();
  plan.grow(1, Extent::open);
  EXPECT_TRUE(plan.take_new_work());
}

TEST_F(OpenPlanTest, until_the_end_only_leases_that_wait_are_copied) {
  plan.grow(3, Extent::open);
  plan.lease(alice, 1);
  plan.lease(alice, 1);
  const Lease waiting = *plan.lease(alice, 1);
  EXPECT_EQ(plan.copy(bob)->original, waiting.id);
  EXPECT_FALSE(plan.copy(bob));
  plan.grow(3, Extent::ended);
  EXPECT_TRUE(plan.copy(bob));
}

TEST_F(OpenPlanTest, what_an_earlier_run_did_is_not_leased_when_it_comes) {
  EXPECT_TRUE(plan.commit({1, 3}));
  plan.grow(5, Extent::open);
  EXPECT_EQ(plan.lease(alice, 4)->chunks, (ChunkRange{0, 1}));
  EXPECT_EQ(plan.lease(alice, 4)->chunks, (ChunkRange{3, 5}));
}

TEST_F(OpenPlanTest, failures_behind_us_take_no_memory) {
  for (std::uint64_t count = 2; count <= 2000; count += 2) {
    plan.grow(count, Extent::open);
    const Lease lease = *plan.lease(alice, 2);
    EXPECT_TRUE(plan.commit({count - 2, count - 1}));
    EXPECT_EQ(plan.fail(lease.id, count - 1, Plan::Retry::is_useless), Plan::Failure::given_up);
    plan.advance(lease.id, count, true);
    EXPECT_FALSE(plan.commit({count - 1, count})) << "late answers do not count";
  }
  plan.grow(2000, Extent::ended);
  EXPECT_EQ(plan.done().range_count(), 1U);
  EXPECT_EQ(plan.attempts(1), 0U);
  EXPECT_EQ(plan.done_count(), 1000U);
  EXPECT_EQ(plan.failed_count(), 1000U);
  EXPECT_TRUE(plan.complete());
}

TEST_F(PlanTest, what_cannot_help_is_not_tried_again) {
  const Lease lease = *plan.lease(alice, 4);
  EXPECT_EQ(plan.fail(lease.id, 2, Plan::Retry::is_useless), Plan::Failure::given_up);
  plan.advance(lease.id, 4, true);
  EXPECT_EQ(plan.lease(alice, 2)->chunks, (ChunkRange{0, 2}));
  EXPECT_EQ(plan.lease(alice, 2)->chunks.begin, 3U);
}

TEST_F(PlanTest, nor_is_a_copy_of_it_waited_for) {
  const Lease lease = *plan.lease(alice, 10);
  ASSERT_TRUE(plan.copy(bob));
  EXPECT_EQ(plan.fail(lease.id, 2, Plan::Retry::is_useless), Plan::Failure::given_up);
  EXPECT_EQ(plan.failed_count(), 1U);
}

}  // namespace
}  // namespace taskrun
