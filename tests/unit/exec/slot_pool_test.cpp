// SPDX-License-Identifier: MIT
#include "taskrun/exec/slot_pool.hpp"

#include <gtest/gtest.h>

#include <latch>

#include "scratch_folder.hpp"
#include "taskrun/exec/chunk_marks.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

/// Waits for results until every lease of `ended` has ended.
Results results_of(SlotPool& pool, Wakeup& done, std::size_t ended) {
  Results all;
  for (std::size_t seen = 0; seen < ended;) {
    Results some;
    pool.take_results(some);
    for (const auto& progress : some.progress) seen += progress.ended ? 1 : 0;
    all.append(some);
    if (seen < ended) done.wait_for(std::chrono::seconds(10));
  }
  return all;
}

TEST(SlotPoolTest, pieces_of_a_lease_are_blocks_that_cover_it) {
  const auto job = make_job<Concatenation>(20);
  job->open();
  const Grid grid(20, 20);
  Wakeup done;
  SlotPool pool(thread_runners(*job, grid, 1), done);
  pool.start({LeaseId{1}, {3, 9}, 1, {}});
  const Results results = results_of(pool, done, 1);
  std::vector<ChunkRange> ranges;
  for (const Piece& piece : results.pieces) ranges.push_back(piece.chunks);
  EXPECT_EQ(ranges, (std::vector<ChunkRange>{{3, 4}, {4, 8}, {8, 9}}));
  EXPECT_EQ(results.progress.back().next, 9U);
}

TEST(SlotPoolTest, every_lease_ends_once_on_any_number_of_slots) {
  const auto job = make_job<Concatenation>(3000);
  job->open();
  const Grid grid(3000, 3000);
  Wakeup done;
  SlotPool pool(thread_runners(*job, grid, 4), done);
  for (std::uint64_t i = 0; i < 3000; ++i) pool.start({LeaseId{i + 1}, {i, i + 1}, 1, {}});
  const Results results = results_of(pool, done, 3000);
  EXPECT_EQ(results.pieces.size(), 3000U);
  EXPECT_EQ(results.progress.size(), 3000U);
}

TEST(SlotPoolTest, a_chunk_that_throws_is_a_failure_and_the_others_go_on) {
  const auto job = make_job<Failing>(12);
  job->open();
  const Grid grid(12, 12);
  Wakeup done;
  SlotPool pool(thread_runners(*job, grid, 1), done);
  pool.start({LeaseId{1}, {8, 12}, 2, {}});
  const Results results = results_of(pool, done, 1);
  ASSERT_EQ(results.failures.size(), 1U);
  EXPECT_EQ(results.failures.front().chunk, 10U);
  EXPECT_EQ(results.failures.front().error, "always");
  EXPECT_EQ(results.progress.back().computed, 4U);
}

/// Chunks that end when they are told to stop, and say when they begin.
struct Endless {
  void params(Params&) {}
  Range dataset() const { return {0, 10}; }
  int map(Range, Context& context) const {
    static_latch().count_down();
    while (!context.stop_requested()) std::this_thread::yield();
    return 0;
  }
  int reduce(int, int) const { return 0; }
  void print(int, std::ostream&) const {}
  static std::latch& static_latch() {
    static std::latch latch(1);
    return latch;
  }
};

TEST(SlotPoolTest, a_running_lease_is_cancelled_and_one_that_waits_is_dropped) {
  TypedJob<Endless> job;
  job.open();
  const Grid grid(10, 10);
  Wakeup done;
  SlotPool pool(thread_runners(job, grid, 1), done);
  pool.start({LeaseId{1}, {0, 5}, 1, {}});
  pool.start({LeaseId{2}, {5, 10}, 1, {}});
  Endless::static_latch().wait();
  pool.cancel(LeaseId{1}, Cancel::if_waiting);  // it runs: no effect
  pool.cancel(LeaseId{2}, Cancel::if_waiting);
  const Results dropped = results_of(pool, done, 1);
  EXPECT_EQ(dropped.progress.front().lease, LeaseId{2});
  EXPECT_EQ(dropped.progress.front().next, 5U);
  pool.cancel(LeaseId{1}, Cancel::now);
  const Results cancelled = results_of(pool, done, 1);
  EXPECT_EQ(cancelled.progress.front().lease, LeaseId{1});
  EXPECT_TRUE(cancelled.pieces.empty());  // what map returned after the stop does not count
}

TEST(SlotPoolTest, a_pool_that_is_stopped_ends_its_slots) {
  const auto job = make_job<Concatenation>(10);
  job->open();
  const Grid grid(10, 10);
  Wakeup done;
  SlotPool pool(thread_runners(*job, grid, 3), done);
  EXPECT_TRUE(pool.stop(std::chrono::seconds(10)));
}

TEST(SlotPoolTest, what_slots_are_at_can_be_read_while_they_compute_and_not_afterwards) {
  const ScratchFolder folder;
  const std::string path = folder.file("marks");
  EXPECT_TRUE(marked_chunks(path).empty());
  const auto marks = std::make_shared<ChunkMarks>(path, 3);
  marks->begin(2, 7);
  marks->begin(0, 0);
  EXPECT_EQ(marked_chunks(path), (std::vector<std::uint64_t>{0, 7}));
  const auto job = make_job<Concatenation>(10);
  job->open();
  const Grid grid(10, 10);
  const auto runners = thread_runners(*job, grid, 3, marks);
  Results results;
  runners[2]->run({LeaseId{1}, {3, 6}, 1, {}}, results, [](Results&) {});
  EXPECT_EQ(marked_chunks(path), (std::vector<std::uint64_t>{0}));
}

}  // namespace
}  // namespace taskrun::testing
