// SPDX-License-Identifier: MIT
#include "taskrun/engine/worker.hpp"

#include <gtest/gtest.h>

namespace taskrun::testing {
namespace {

constexpr Duration ms = std::chrono::milliseconds(1);
constexpr Duration report_interval = 100 * ms;

/// What slots got done is what the test says.
class ToldExecutor final : public Executor {
 public:
  std::uint32_t slot_count() const override { return 1; }
  void start(Work) override {}
  void cancel(LeaseId, Cancel) override {}
  void take_results(Results& out) override {
    out.append(done);
    done.clear();
  }

  Results done;
};

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest()
      : worker_(
            {}, [this](const Grid&) -> Executor& { return executor_; }, now_) {
    worker_.on_message(Welcome{100, 100, std::chrono::seconds(10), {}, report_interval}, now_);
    committed_chunks();
  }

  // One more chunk of the lease, with a payload.
  void do_chunk(bool ended, std::size_t payload_bytes = 8) {
    executor_.done.pieces.push_back({{next_, next_ + 1}, payload_bytes});
    executor_.done.payloads.resize(executor_.done.payloads.size() + payload_bytes);
    executor_.done.progress.push_back({LeaseId{1}, ++next_, ended, 1, ms});
  }
  void tick_after(Duration time) {
    now_ += time;
    worker_.on_tick(now_);
  }
  // Of the commits since the last call, each its number of chunks.
  std::vector<std::size_t> committed_chunks() {
    std::vector<ToCoordinator> outbox;
    worker_.take_outbox(outbox);
    std::vector<std::size_t> counts;
    for (const ToCoordinator& message : outbox) {
      if (const auto* c = std::get_if<Commit>(&message)) counts.push_back(c->results.pieces.size());
    }
    return counts;
  }

  using Counts = std::vector<std::size_t>;
  Time now_{std::chrono::hours(1)};
  std::uint64_t next_ = 0;
  ToldExecutor executor_;
  Worker worker_;
};

TEST_F(WorkerTest, results_of_a_lease_that_goes_on_are_told_together_when_a_report_is_due) {
  do_chunk(false);
  tick_after(ms);
  EXPECT_EQ(committed_chunks(), Counts{1});
  for (int i = 0; i < 5; ++i) {
    do_chunk(false);
    tick_after(ms);
  }
  EXPECT_EQ(committed_chunks(), Counts{});
  EXPECT_EQ(worker_.next_deadline(), now_ - 5 * ms + report_interval);
  tick_after(report_interval - 5 * ms);
  EXPECT_EQ(committed_chunks(), Counts{5});
}

TEST_F(WorkerTest, what_no_coordinator_can_say_is_refused) {
  const Worker::MakeExecutor make = [this](const Grid&) -> Executor& { return executor_; };
  const Grant lease{{{LeaseId{1}, {0, 1}, 1, {}}}, {}};
  Worker fresh({}, make, now_);
  EXPECT_THROW(fresh.on_message(lease, now_), CorruptData);
  EXPECT_THROW(fresh.on_message(Withdraw{{{LeaseId{1}, Cancel::now}}}, now_), CorruptData);
  for (const Welcome& welcome :
       {Welcome{5, 0, ms, {}, {}}, Welcome{5, 5, {}, {}, {}}, Welcome{5, 5, -ms, {}, {}},
        Welcome{5, 5, Duration(1), {}, {}}, Welcome{5, 5, std::chrono::hours(1), {}, {}},
        Welcome{5, 5, Duration::max(), {}, {}}, Welcome{5, 5, ms, {}, Duration::max()}}) {
    EXPECT_THROW(fresh.on_message(welcome, now_), CorruptData);
  }
  EXPECT_THROW(worker_.on_message(Welcome{7, 7, ms, {}, ms}, now_), CorruptData);
  EXPECT_THROW(worker_.on_message(Grant{{{LeaseId{1}, {99, 101}, 1, {}}}, {}}, now_), CorruptData);
  EXPECT_THROW(worker_.on_message(Grant{{{LeaseId{1}, {9, 9}, 1, {}}}, {}}, now_), CorruptData);
}

TEST_F(WorkerTest, the_end_of_a_lease_is_told_at_once_and_with_it_what_waited) {
  do_chunk(false);
  tick_after(ms);
  do_chunk(false);
  tick_after(ms);
  EXPECT_EQ(committed_chunks(), Counts{1});
  do_chunk(true);
  tick_after(ms);
  EXPECT_EQ(committed_chunks(), Counts{2});
}

TEST_F(WorkerTest, a_failure_is_told_at_once) {
  do_chunk(false);
  tick_after(ms);
  executor_.done.failures.push_back({LeaseId{1}, next_, "failed"});
  tick_after(ms);
  EXPECT_EQ(committed_chunks(), (Counts{1, 0}));
}

TEST_F(WorkerTest, large_results_are_not_held_back) {
  do_chunk(false);
  tick_after(ms);
  do_chunk(false, std::size_t{5} << 20);
  tick_after(ms);
  EXPECT_EQ(committed_chunks(), (Counts{1, 1}));
}

TEST_F(WorkerTest, what_waits_is_told_before_the_goodbye) {
  do_chunk(false);
  tick_after(ms);
  do_chunk(false);
  tick_after(ms);
  worker_.on_message(Finish{}, now_);
  EXPECT_EQ(committed_chunks(), (Counts{1, 1}));
}

TEST_F(WorkerTest, one_that_computes_no_more_first_tells_what_waits) {
  do_chunk(false);
  tick_after(ms);
  do_chunk(false);
  tick_after(ms);
  committed_chunks();
  worker_.on_broken("no helpers", Broken::Reach::worker, now_);
  EXPECT_EQ(committed_chunks(), Counts{1});
  tick_after(report_interval);
  EXPECT_EQ(committed_chunks(), Counts{});
  EXPECT_GT(worker_.next_deadline(), now_);
}

}  // namespace
}  // namespace taskrun::testing
