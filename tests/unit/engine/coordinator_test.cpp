// SPDX-License-Identifier: MIT
#include "taskrun/engine/coordinator.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "test_jobs.hpp"
#include "text_sink.hpp"

namespace taskrun::testing {
namespace {

using namespace std::chrono_literals;

/// A coordinator of two workers over twelve numbers, and what it said last.
class CoordinatorTest : public ::testing::Test {
 protected:
  CoordinatorTest() : job(make_job<Concatenation>(12)) {
    job->open();
    options.worker_count = 2;
    options.schedule = Schedule::dynamic;
    options.credit = 1;
    start();
  }

  void start() {
    collector = make_collector(*job, 12, sink);
    coordinator.emplace(*job, Grid(12, 12), *collector, options, now);
  }

  void say(std::uint32_t from, ToCoordinator message) {
    coordinator->on_message(from, std::move(message), now);
    tick();
  }
  void tick() {
    coordinator->on_tick(now);
    Outbox news;
    coordinator->take_outbox(news);
    for (auto& m : news.messages) said.push_back(std::move(m));
    for (auto& e : news.events) events.push_back(e);
    if (news.records) recorded.push_back(std::move(*news.records));
  }
  void hello(std::uint32_t rank) {
    say(rank, Hello{0, 0, 1, {7, 0}, "host" + std::to_string(rank)});
  }

  /// Takes the first message of that kind to that rank out of what was said.
  template <class M>
  std::optional<M> take(std::uint32_t to) {
    for (auto it = said.begin(); it != said.end(); ++it) {
      if (it->to != to || !std::holds_alternative<M>(it->message)) continue;
      M message = std::get<M>(std::move(it->message));
      said.erase(it);
      return message;
    }
    return std::nullopt;
  }
  Work take_lease(std::uint32_t rank) { return take<Grant>(rank).value().leases.at(0); }

  Commit commit_of(const Work& work) {
    Commit commit;
    for (std::uint64_t chunk = work.chunks.begin; chunk < work.chunks.end; ++chunk) {
      const std::size_t before = commit.results.payloads.size();
      encode(std::to_string(chunk) + ",", commit.results.payloads);
      commit.results.pieces.push_back(
          {{chunk, chunk + 1}, commit.results.payloads.size() - before});
    }
    commit.results.progress.push_back({work.lease, work.chunks.end, true, work.chunks.size(), 1ms});
    return commit;
  }
  void expect_nonsense(std::uint32_t from, const ToCoordinator& message, const std::string& what) {
    const std::uint32_t before = coordinator->progress(now).worker_count;
    say(from, message);
    EXPECT_FALSE(coordinator->error() && !coordinator->workers_gone()) << what;
    EXPECT_LE(coordinator->progress(now).worker_count, before) << what;
    EXPECT_NE(told().find("makes no sense ("), std::string::npos) << what;
    EXPECT_NE(told().find(what), std::string::npos) << what << " in " << told();
  }
  void finish_all(std::uint32_t rank) {
    while (const auto grant = take<Grant>(rank)) {
      for (const Work& work : grant->leases) say(rank, commit_of(work));
    }
  }

  /// Both ranks live, and nothing else happens.
  void beat_for(Duration time) {
    for (const Time until = now + time; now < until; now += 1s) {
      say(0, Alive{});
      say(1, Alive{});
    }
  }
  std::string told() const {
    std::string all;
    for (const Event& event : events) all += event.text + "\n";
    return all;
  }

  std::unique_ptr<Job> job;
  TextSink sink;
  CoordinatorOptions options;
  Time now{1s};
  std::unique_ptr<Collector> collector;
  std::optional<Coordinator> coordinator;
  std::vector<Outgoing> said;
  std::vector<Event> events;
  std::deque<Records> recorded;
};

TEST_F(CoordinatorTest, a_hello_is_answered_with_the_grid_and_a_lease) {
  hello(0);
  EXPECT_EQ(take<Welcome>(0)->chunk_count, 12U);
  EXPECT_EQ(take_lease(0).chunks, (ChunkRange{0, 1}));
  EXPECT_TRUE(said.empty());
}

TEST_F(CoordinatorTest, many_workers_are_asked_to_report_seldom) {
  hello(0);
  EXPECT_LE(take<Welcome>(0)->report_interval, 1ms);
  options.worker_count = 100'000;
  start();
  hello(0);
  EXPECT_GE(take<Welcome>(0)->report_interval, 1s);
}

TEST_F(CoordinatorTest, a_commit_is_answered_with_the_next_lease) {
  hello(0);
  say(0, commit_of(take_lease(0)));
  EXPECT_EQ(take_lease(0).chunks, (ChunkRange{1, 2}));
}

TEST_F(CoordinatorTest, the_run_ends_with_finish_and_goodbyes) {
  hello(0);
  hello(1);
  finish_all(0);
  finish_all(1);
  EXPECT_TRUE(take<Finish>(0));
  EXPECT_TRUE(take<Finish>(1));
  EXPECT_FALSE(coordinator->finished());
  say(0, Goodbye{});
  say(1, Goodbye{});
  EXPECT_TRUE(coordinator->finished());
  EXPECT_EQ(std::any_cast<std::string>(collector->finish()), "0,1,2,3,4,5,6,7,8,9,10,11,");
}

TEST_F(CoordinatorTest, a_worker_that_does_not_say_goodbye_is_not_waited_for_long) {
  hello(0);
  hello(1);
  finish_all(0);
  finish_all(1);
  now += options.goodbye_deadline;
  tick();
  EXPECT_TRUE(coordinator->finished());
}

TEST_F(CoordinatorTest, another_build_ends_the_run_and_names_the_host) {
  hello(0);
  say(1, Hello{99, 0, 1, {7, 0}, "elsewhere"});
  ASSERT_TRUE(coordinator->error());
  EXPECT_NE(std::string(coordinator->error()->what()).find("elsewhere"), std::string::npos);
  EXPECT_EQ(coordinator->error()->code(), ExitCode::environment);
  EXPECT_TRUE(take<Finish>(0));
  EXPECT_TRUE(take<Finish>(1));
}

TEST_F(CoordinatorTest, another_build_is_refused_even_when_the_others_have_done_everything) {
  hello(0);
  finish_all(0);
  EXPECT_TRUE(take<Finish>(0));
  say(1, Hello{99, 0, 1, {7, 0}, "elsewhere"});
  EXPECT_TRUE(coordinator->error());
}

TEST_F(CoordinatorTest, other_options_end_the_run) {
  say(1, Hello{0, 99, 1, {7, 0}, "elsewhere"});
  EXPECT_TRUE(coordinator->error());
}

TEST_F(CoordinatorTest, a_rank_that_never_says_hello_ends_the_run) {
  hello(0);
  now = coordinator->next_deadline();
  for (int i = 0; i < 1000 && !coordinator->error(); ++i) {
    say(0, Alive{});
    now = coordinator->next_deadline();
    tick();
  }
  ASSERT_TRUE(coordinator->error());
  EXPECT_GE(now - Time(1s), options.hello_deadline);
}

/// Lets time pass in which only worker 0 shows that it is alive.
#define LET_WORKER_1_BE_SILENT()                                         \
  for (const Time until = now + options.lost_after + 1s; now < until;) { \
    now += options.heartbeat_interval;                                   \
    say(0, Alive{});                                                     \
  }

TEST_F(CoordinatorTest, the_lease_of_a_silent_worker_goes_to_another) {
  hello(0);
  hello(1);
  const Work lost = take_lease(1);
  LET_WORKER_1_BE_SILENT();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().level, Level::warning);
  say(0, commit_of(take_lease(0)));
  EXPECT_EQ(take_lease(0).chunks, lost.chunks);
}

TEST_F(CoordinatorTest, a_worker_that_speaks_again_is_back_and_its_late_commit_counts) {
  hello(0);
  hello(1);
  const Work late = take_lease(1);
  LET_WORKER_1_BE_SILENT();
  EXPECT_EQ(coordinator->progress(now).worker_count, 1U);
  say(1, commit_of(late));
  EXPECT_EQ(coordinator->progress(now).worker_count, 2U);
  EXPECT_TRUE(coordinator->plan().done().contains(late.chunks.begin));
  EXPECT_TRUE(take<Grant>(1));
}

TEST_F(CoordinatorTest, nobody_is_lost_because_the_coordinator_itself_stood_still) {
  hello(0);
  hello(1);
  now += 10min;
  tick();
  EXPECT_EQ(coordinator->progress(now).worker_count, 2U);
}

TEST_F(CoordinatorTest, silence_is_broken_by_heartbeats) {
  hello(0);
  said.clear();
  now += options.heartbeat_interval;
  tick();
  EXPECT_TRUE(take<Heartbeat>(0));
}

TEST_F(CoordinatorTest, what_waits_at_one_worker_is_taken_over_by_an_idle_one) {
  options.credit = 12;
  start();
  hello(0);
  const auto leases = take<Grant>(0)->leases;
  ASSERT_EQ(leases.size(), 12U);
  hello(1);
  // The oldest that has not begun: worker 0 has one slot.
  EXPECT_EQ(take_lease(1).chunks, leases[1].chunks);
  const auto withdraw = take<Withdraw>(0);
  ASSERT_TRUE(withdraw);
  EXPECT_EQ(withdraw->leases[0].lease, leases[1].lease);
  EXPECT_EQ(withdraw->leases[0].how, Cancel::if_waiting);
}

// Its chunks must not be computed twice.
struct Careful : Concatenation {
  bool has_effects() const { return true; }
};

TEST_F(CoordinatorTest, what_has_effects_is_given_back_before_another_gets_it) {
  job = make_job<Careful>(12);
  job->open();
  options.credit = 12;
  start();
  hello(0);
  const auto leases = take<Grant>(0)->leases;
  ASSERT_EQ(leases.size(), 12U);
  hello(1);
  EXPECT_FALSE(take<Grant>(1));
  const auto withdraw = take<Withdraw>(0);
  ASSERT_TRUE(withdraw);
  EXPECT_EQ(withdraw->leases[0].lease, leases[1].lease);
  EXPECT_EQ(withdraw->leases[0].how, Cancel::if_waiting);
  Commit unbegun;
  unbegun.results.progress = {{leases[1].lease, leases[1].chunks.begin, true, 0, 0ms}};
  say(0, unbegun);
  EXPECT_EQ(take_lease(1).chunks, leases[1].chunks);
  EXPECT_FALSE(take<Grant>(0));
}

TEST_F(CoordinatorTest, a_broken_worker_ends_the_run_with_its_error) {
  hello(0);
  hello(1);
  say(1, Broken{"out of luck"});
  ASSERT_TRUE(coordinator->error());
  EXPECT_NE(std::string(coordinator->error()->what()).find("out of luck"), std::string::npos);
}

TEST_F(CoordinatorTest, a_worker_that_cannot_go_on_is_lost_like_one_that_ended) {
  hello(0);
  hello(1);
  const Work theirs = take_lease(1);
  finish_all(0);
  say(1, Broken{"no helpers", Broken::Reach::worker});
  EXPECT_FALSE(coordinator->error());
  EXPECT_EQ(coordinator->account().workers_lost, 1U);
  EXPECT_NE(events.back().text.find("rank 1 on host1 computes no more: no helpers"),
            std::string::npos);
  say(1, commit_of(theirs));  // nothing it says later counts
  finish_all(0);
  EXPECT_TRUE(coordinator->plan().complete());
}

TEST_F(CoordinatorTest, a_worker_that_computes_no_more_is_kept_in_touch_with_until_the_end) {
  hello(0);
  hello(1);
  said.clear();
  say(1, Broken{"no helpers", Broken::Reach::worker});
  now += options.heartbeat_interval;
  tick();
  EXPECT_TRUE(take<Heartbeat>(1));
  coordinator->on_stop(now);
  tick();
  EXPECT_TRUE(take<Finish>(1));
}

TEST_F(CoordinatorTest, without_any_worker_the_run_ends_with_the_reason) {
  hello(0);
  hello(1);
  say(0, Broken{"no helpers", Broken::Reach::worker});
  EXPECT_FALSE(coordinator->error());
  coordinator->on_worker_died(1, now);
  ASSERT_TRUE(coordinator->error());
  EXPECT_TRUE(coordinator->workers_gone());
  EXPECT_NE(std::string(coordinator->error()->what()).find("nobody is left to compute"),
            std::string::npos);
}

TEST_F(CoordinatorTest, a_partial_outside_the_grid_is_refused) {
  hello(0);
  Commit commit;
  commit.results.pieces.push_back({{11, 13}, 0});
  expect_nonsense(0, commit, "a partial outside the grid");
}

// What a worker cannot have to say ends its part in the run, not the run.
TEST_F(CoordinatorTest, nonsense_costs_the_run_the_worker_that_says_it_and_nothing_else) {
  options.retries = 0;
  const auto results = [](auto change) {
    Commit commit;
    change(commit.results);
    return commit;
  };
  using Results = taskrun::Results;
  const auto failure = [](LeaseId lease, std::uint64_t chunk) {
    return ChunkFailure{lease, chunk, "e"};
  };
  // Rank 0 holds chunk 0 by lease 1, rank 1 chunk 1 by lease 2.
  const LeaseId own{2};
  const std::vector<std::pair<ToCoordinator, std::string>> all{
      {results([](Results& r) {
         r.pieces.push_back({{3, 3}, 0});
       }),
       "outside the grid"},
      {results([](Results& r) {
         r.pieces.push_back({{5, 4}, 0});
       }),
       "outside the grid"},
      {results([](Results& r) {
         r.pieces.push_back({{1, 2}, 9});
       }),
       "longer than its message"},
      {results([](Results& r) { r.payloads.resize(3); }), "bytes of no partial"},
      {results([](Results& r) {
         r.pieces.push_back({{1, 2}, 3});
         r.payloads.resize(3);
       }),
       "cannot be read"},
      {results([](Results& r) {
         encode(std::string("x"), r.payloads);
         r.pieces.push_back({{1, 4}, r.payloads.size()});
       }),
       "that it was not given"},
      {results([&](Results& r) {
         r.failures = {failure(own, 1), failure(own, 1)};
         r.progress = {{own, 2, true, 1, 1ms}};
       }),
       "twice"},
      {results([&](Results& r) { r.failures = {failure(own, 12)}; }), "outside the grid"},
      {results([&](Results& r) { r.failures = {failure(LeaseId{1}, 0)}; }), "another rank"},
      {results([&](Results& r) {
         r.progress = {{own, 3, true, 1, 1ms}};
       }),
       "beyond a lease"},
      {results([&](Results& r) {
         r.progress = {{own, 2, true, 99, 1ms}};
       }),
       "more chunks"},
      {results([&](Results& r) {
         r.progress = {{LeaseId{1}, 1, true, 1, 1ms}};
       }),
       "another rank"},
      {Goodbye{}, "early goodbye"},
      {SiblingEnded{0}, "no sibling"}};
  for (const auto& [message, what] : all) {
    start();
    said.clear();
    events.clear();
    hello(0);
    hello(1);
    const Work work = take_lease(0);
    expect_nonsense(1, message, what);
    say(0, commit_of(work));
    while (!coordinator->plan().complete()) {
      const auto grant = take<Grant>(0);
      ASSERT_TRUE(grant) << what;
      for (const Work& next : grant->leases) say(0, commit_of(next));
    }
    say(1, commit_of(work));  // nobody listens
    say(0, Goodbye{});
    EXPECT_TRUE(coordinator->finished()) << what;
    EXPECT_EQ(std::any_cast<std::string>(collector->finish()), "0,1,2,3,4,5,6,7,8,9,10,11,");
    EXPECT_EQ(coordinator->account().chunks_failed, 0U);
  }
}

// Or the chunk would be leased to another while it is still this one's to fail.
TEST_F(CoordinatorTest, a_failure_counts_once_its_lease_is_beyond_the_chunk) {
  hello(0);
  const Work work = take_lease(0);
  Commit commit;
  commit.results.failures.push_back({work.lease, work.chunks.begin, "e"});
  for (int i = 0; i < 5; ++i) say(0, commit);
  commit.results.progress.push_back({work.lease, work.chunks.begin, false, 0, 1ms});
  for (int i = 0; i < 5; ++i) say(0, commit);
  EXPECT_TRUE(coordinator->plan().consistent());
  EXPECT_EQ(coordinator->plan().failed_count(), 0U);
  commit.results.progress.front().ended = true;
  say(0, commit);
  EXPECT_EQ(coordinator->plan().attempts(work.chunks.begin), 1U);
  EXPECT_TRUE(coordinator->plan().consistent());
}

TEST_F(CoordinatorTest, a_hello_without_slots_is_nonsense) {
  hello(0);
  expect_nonsense(1, Hello{0, 0, 0, {7, 0}, "host1"}, "number of slots");
  EXPECT_EQ(coordinator->progress(now).worker_count, 1U);
}

TEST_F(CoordinatorTest, static_shares_wait_until_everybody_is_there) {
  options.schedule = Schedule::fixed;
  options.credit = 0;
  start();
  hello(0);
  EXPECT_FALSE(take<Grant>(0));
  hello(1);
  EXPECT_EQ(take_lease(0).chunks.size(), 6U);
  EXPECT_EQ(take_lease(1).chunks.size(), 6U);
}

TEST(CoordinatorOutputTest,
     nothing_is_leased_while_too_much_output_waits_but_for_what_it_waits_for) {
  const auto job = make_job<NumberedLines>(12);
  job->open();
  TextSink sink;
  const auto collector = make_collector(*job, 12, sink);
  CoordinatorOptions options;
  options.worker_count = 1;
  options.schedule = Schedule::dynamic;
  options.credit = 2;
  options.output_budget_bytes = 10;
  Time now{1s};
  Coordinator coordinator(*job, Grid(12, 12), *collector, options, now);
  coordinator.on_message(0, Hello{0, 0, 1, {7, 0}, "host"}, now);
  coordinator.on_tick(now);
  Commit second;  // of the two leases; the first is still out
  second.results.payloads = Bytes(20, std::byte{'x'});
  second.results.pieces.push_back({{1, 2}, 20});
  second.results.progress.push_back({LeaseId{2}, 2, true, 1, 1ms});
  Outbox outbox;
  coordinator.take_outbox(outbox);
  coordinator.on_message(0, second, now);
  coordinator.on_tick(now);
  coordinator.take_outbox(outbox);
  EXPECT_TRUE(outbox.messages.empty());
  Commit first;
  first.results.payloads = Bytes(1, std::byte{'x'});
  first.results.pieces.push_back({{0, 1}, 1});
  first.results.progress.push_back({LeaseId{1}, 1, true, 1, 1ms});
  coordinator.on_message(0, first, now);
  coordinator.on_tick(now);
  coordinator.take_outbox(outbox);
  EXPECT_EQ(outbox.messages.size(), 1U);
  EXPECT_EQ(sink.text.size(), 21U);
}

TEST(CoordinatorOutputTest, nothing_at_all_is_leased_while_too_much_output_leaves) {
  const auto job = make_job<NumberedLines>(12);
  job->open();
  TextSink sink;
  sink.backlog = 100;
  const auto collector = make_collector(*job, 12, sink);
  CoordinatorOptions options;
  options.output_budget_bytes = 10;
  const Time now{1s};
  Coordinator coordinator(*job, Grid(12, 12), *collector, options, now);
  coordinator.on_message(0, Hello{0, 0, 1, {7, 0}, "host"}, now);
  coordinator.on_tick(now);
  Outbox outbox;
  coordinator.take_outbox(outbox);
  EXPECT_EQ(outbox.messages.size(), 1U);  // the welcome
  sink.backlog = 0;
  coordinator.on_tick(now);
  coordinator.take_outbox(outbox);
  EXPECT_EQ(outbox.messages.size(), 1U);
}

class RecordingTest : public CoordinatorTest {
 protected:
  RecordingTest() {
    options.keeps_records = true;
    restart();
  }
  void restart() {
    start();
    recorded.clear();
    said.clear();
    written = 0;
    hello(0);
    next_records();  // that the worker joined
    write();
  }
  /// The record in flight is on the disk now.
  void write() { coordinator->on_durable(++written); }
  /// What the journal has got, or gets in the next second.
  std::optional<Records> next_records() {
    now += 1s;
    tick();
    if (recorded.empty()) return std::nullopt;
    Records first = std::move(recorded.front());
    recorded.pop_front();
    return first;
  }

  std::uint64_t written = 0;
};

TEST_F(RecordingTest, what_is_not_durable_does_not_count) {
  say(0, commit_of(take_lease(0)));
  ASSERT_TRUE(next_records());
  EXPECT_EQ(coordinator->progress(now).chunks_done, 0U);
  write();
  EXPECT_EQ(coordinator->progress(now).chunks_done, 1U);
}

TEST_F(RecordingTest, joined_pieces_take_the_place_of_their_parts) {
  say(0, commit_of(take_lease(0)));
  EXPECT_EQ(next_records()->pieces.at(0).chunks, (ChunkRange{0, 1}));
  write();
  say(0, commit_of(take_lease(0)));
  const auto records = next_records();
  ASSERT_EQ(records->pieces.size(), 1U);
  EXPECT_EQ(records->pieces[0].chunks, (ChunkRange{0, 2}));
}

TEST_F(RecordingTest, an_attempt_says_who_and_how) {
  say(0, commit_of(take_lease(0)));
  const auto records = next_records();
  ASSERT_EQ(records->attempts.size(), 1U);
  EXPECT_EQ(records->attempts[0].chunks, (ChunkRange{0, 1}));
  EXPECT_EQ(records->attempts[0].host, "host0");
  EXPECT_EQ(records->attempts[0].outcome, AttemptOutcome::done);
  EXPECT_EQ(records->attempts[0].busy, 1ms);
}

TEST_F(RecordingTest, each_try_at_a_chunk_is_in_one_attempt_with_its_own_time) {
  options.schedule = Schedule::fixed;
  options.worker_count = 1;
  restart();
  const Work work = take_lease(0);
  ASSERT_GE(work.chunks.size(), 5U);
  Commit commit = commit_of(work);
  commit.results.pieces.clear();
  commit.results.payloads.clear();
  ChunkFailure failure{work.lease, 2, "exit code 3"};
  failure.end = {ProcessEnd::How::exited, 3};
  failure.begun = 20ms;
  failure.busy = 30ms;
  failure.memory_bytes_before = 200;
  failure.memory_bytes = 300;
  commit.results.failures.push_back(failure);
  commit.results.progress.back().memory_bytes = 100;
  commit.results.progress.back().busy = 90ms;
  say(0, commit);
  const auto attempts = next_records()->attempts;
  ASSERT_EQ(attempts.size(), 3U);
  EXPECT_EQ(attempts[0].chunks, (ChunkRange{0, 2}));
  EXPECT_EQ(attempts[0].outcome, AttemptOutcome::done);
  EXPECT_EQ(attempts[0].busy, 20ms);
  EXPECT_EQ(attempts[0].memory_bytes, 200U);
  EXPECT_EQ(attempts[1].chunks, (ChunkRange{2, 3}));
  EXPECT_EQ(attempts[1].outcome, AttemptOutcome::failed);
  EXPECT_EQ(attempts[1].busy, 30ms);
  EXPECT_EQ(attempts[1].memory_bytes, 300U);
  EXPECT_EQ(attempts[1].started - attempts[0].started, 20ms);
  EXPECT_EQ(attempts[1].end.number, 3);
  EXPECT_EQ(attempts[2].chunks, (ChunkRange{3, work.chunks.end}));
  EXPECT_EQ(attempts[2].outcome, AttemptOutcome::done);
  EXPECT_EQ(attempts[2].busy, 40ms);
  EXPECT_EQ(attempts[2].memory_bytes, 100U);
}

TEST_F(RecordingTest, what_slots_are_at_is_recorded_while_nothing_else_happens) {
  start();
  recorded.clear();
  said.clear();
  written = 0;
  hello(0);
  ASSERT_TRUE(next_records());  // that it joined
  write();
  const auto records = next_records();
  ASSERT_TRUE(records && records->running);
  ASSERT_EQ(records->running->size(), 1U);  // what waits for the slot is not running
  EXPECT_EQ(records->running->front().chunks, (ChunkRange{0, 1}));
  EXPECT_EQ(records->running->front().host, "host0");
  write();
  EXPECT_FALSE(next_records());
  say(0, commit_of(take_lease(0)));
  ASSERT_TRUE(next_records());  // what was done
  write();
  const auto later = next_records();
  ASSERT_TRUE(later && later->running);
  EXPECT_EQ(later->running->front().chunks, (ChunkRange{1, 2}));
}

TEST_F(RecordingTest, the_run_ends_when_the_last_record_is_durable) {
  while (!coordinator->plan().complete()) {
    say(0, commit_of(take_lease(0)));
    if (next_records()) write();
  }
  if (next_records()) {
    tick();
    EXPECT_FALSE(take<Finish>(0));
    write();
  }
  tick();
  EXPECT_TRUE(take<Finish>(0));
}

TEST_F(RecordingTest, a_resumed_run_leases_only_what_is_missing) {
  start();
  Bytes payload;
  encode(std::string("0,1,2,3,4,5,6,7,"), payload);
  coordinator->restore({0, 8}, payload);
  hello(0);
  EXPECT_EQ(coordinator->progress(now).chunks_done, 8U);
  finish_all(0);
  EXPECT_EQ(std::any_cast<std::string>(collector->finish()), "0,1,2,3,4,5,6,7,8,9,10,11,");
}

TEST_F(RecordingTest, a_failed_chunk_is_not_recorded_as_done) {
  options.retries = 0;
  restart();
  const Work work = take_lease(0);
  Commit commit;
  commit.results.failures = {{work.lease, 0, "no", {}}};
  commit.results.progress = {{work.lease, 1, true, 1, 1ms}};
  say(0, std::move(commit));
  const auto failure = next_records();
  EXPECT_TRUE(failure->pieces.empty());
  EXPECT_EQ(failure->failed.at(0).chunk, 0U);
  EXPECT_EQ(failure->attempts.at(0).error, "no");
  write();
  say(0, commit_of(take_lease(0)));
  const auto records = next_records();
  ASSERT_EQ(records->pieces.size(), 1U);
  EXPECT_EQ(records->pieces[0].chunks, (ChunkRange{1, 2}));
}

TEST_F(RecordingTest, all_failed_chunks_are_recorded_however_many) {
  job = make_job<Concatenation>(300);
  job->open();
  options.retries = 0;
  options.worker_count = 1;
  collector = make_collector(*job, 300, sink);
  coordinator.emplace(*job, Grid(300, 300), *collector, options, now);
  said.clear();
  written = 0;
  hello(0);
  next_records();
  write();
  std::size_t failed = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Work work = take_lease(0);
    Commit commit;
    commit.results.failures = {{work.lease, work.chunks.begin, "no", {}}};
    commit.results.progress = {{work.lease, work.chunks.end, true, 1, 1ms}};
    say(0, std::move(commit));
    if (const auto records = next_records()) {
      failed += records->failed.size();
      write();
    }
  }
  EXPECT_EQ(failed, 300U);
  EXPECT_EQ(coordinator->account().failed.size(), 100U);
  EXPECT_EQ(coordinator->account().chunks_failed, 300U);
}

TEST_F(RecordingTest, a_slow_disk_is_not_the_workers_fault) {
  options.stalled_after = 200s;
  restart();
  hello(1);
  say(0, commit_of(take_lease(0)));
  ASSERT_TRUE(next_records());
  beat_for(190s);
  write();
  beat_for(95s);
  EXPECT_EQ(told().find("no chunk was finished"), std::string::npos) << told();
}

TEST_F(RecordingTest, a_disk_that_never_returns_ends_the_run_with_its_state) {
  hello(1);
  next_records();
  write();
  say(0, commit_of(take_lease(0)));
  ASSERT_TRUE(next_records());  // and never durable
  events.clear();
  beat_for(options.record_deadline / 2);
  EXPECT_NE(told().find("the journal has not been written for 30 s"), std::string::npos) << told();
  EXPECT_NE(told().find("rank 0 takes part on host0"), std::string::npos) << told();
  EXPECT_FALSE(coordinator->error());
  for (Time until = now + options.record_deadline; now < until; now += 1s) say(0, Alive{});
  ASSERT_TRUE(coordinator->error());
  EXPECT_NE(std::string(coordinator->error()->what()).find("its disk does not answer"),
            std::string::npos);
  EXPECT_TRUE(take<Finish>(0));
}

TEST_F(CoordinatorTest, a_drained_run_leases_no_more_and_keeps_what_ends_in_time) {
  hello(0);
  const Work running = take_lease(0);
  coordinator->on_drain(now);
  tick();
  EXPECT_EQ(take<Withdraw>(0)->leases.at(0).how, Cancel::if_waiting);
  say(0, commit_of(running));
  EXPECT_FALSE(take<Grant>(0));
  EXPECT_TRUE(take<Finish>(0));
  say(0, Goodbye{});
  EXPECT_EQ(coordinator->ended(), RunEnd::stopped);
  EXPECT_EQ(coordinator->plan().done().size(), 1U);
}

TEST_F(CoordinatorTest, a_drained_run_does_not_wait_for_ever) {
  hello(0);
  coordinator->on_drain(now);
  tick();
  EXPECT_FALSE(take<Finish>(0));
  now += options.stop_grace;
  tick();
  EXPECT_TRUE(take<Finish>(0));
}

TEST_F(CoordinatorTest, what_still_runs_is_asked_to_end_and_has_time_for_it) {
  options.end_grace = 5s;
  start();
  hello(0);
  const Work running = take_lease(0);
  coordinator->on_drain(now);
  tick();
  EXPECT_EQ(take<Withdraw>(0)->leases.at(0).how, Cancel::if_waiting);
  now += options.stop_grace;
  tick();
  EXPECT_EQ(take<Withdraw>(0)->leases.at(0).how, Cancel::now);
  now += options.end_grace;
  tick();
  EXPECT_FALSE(take<Finish>(0));
  now += 1s;
  tick();
  EXPECT_EQ(take<Finish>(0).value().grace, 0s);
}

TEST_F(CoordinatorTest,
       a_run_that_fails_leaves_time_to_end_and_one_that_is_stopped_twice_does_not) {
  options.end_grace = 5s;
  for (const bool fails : {true, false}) {
    start();
    hello(0);
    take_lease(0);
    fails ? coordinator->on_failure(now) : coordinator->on_stop(now);
    tick();
    EXPECT_EQ(take<Finish>(0).value().grace, fails ? 5s : 0s);
  }
}

TEST_F(CoordinatorTest, no_lease_is_begun_that_cannot_end_in_time) {
  options.worker_count = 1;
  options.stop_at = now + 60s;
  start();
  hello(0);
  Commit slow = commit_of(take_lease(0));
  slow.results.progress[0].busy = 10s;  // as every chunk from now on
  now += 10s;
  say(0, slow);
  Commit second = commit_of(take_lease(0));
  second.results.progress[0].busy = 40s;
  now += 40s;
  say(0, second);
  EXPECT_FALSE(take<Grant>(0));
  now += 10s;
  tick();
  EXPECT_TRUE(take<Finish>(0));
  EXPECT_EQ(coordinator->ended(), RunEnd::stopped);
}

TEST_F(CoordinatorTest, too_many_failed_chunks_stop_the_run) {
  options.retries = 0;
  options.failures_tolerated = 0;
  start();
  hello(0);
  const Work work = take_lease(0);
  Commit commit;
  commit.results.failures = {{work.lease, 0, "no", {}}};
  commit.results.progress = {{work.lease, 1, true, 1, 1ms}};
  say(0, std::move(commit));
  EXPECT_TRUE(take<Finish>(0));
  EXPECT_EQ(coordinator->ended(), RunEnd::too_many_failed);
}

TEST_F(CoordinatorTest, a_run_that_does_not_get_on_tells_its_state_and_ends) {
  options.stalled_after = 100s;
  options.lost_after = 1000s;
  start();
  hello(0);
  hello(1);
  beat_for(60s);
  EXPECT_NE(told().find("no chunk was finished for a while: 0 of 12 are done"), std::string::npos)
      << told();
  EXPECT_NE(told().find("rank 1 takes part on host1, last said heartbeat"), std::string::npos)
      << told();
  EXPECT_NE(told().find("holds chunks 2-2"), std::string::npos) << told();
  EXPECT_FALSE(coordinator->error());
  for (int i = 0; i < 60; ++i, now += 1s) say(0, Alive{});
  EXPECT_TRUE(coordinator->error());
  EXPECT_TRUE(take<Finish>(0));
}

TEST_F(CoordinatorTest, workers_of_another_machine_watch_each_other) {
  options.worker_count = 4;
  options.process = {1, 100};
  start();
  const auto hello_from = [&](std::uint32_t rank, std::uint64_t machine) {
    say(rank, Hello{0, 0, 1, {rank + 10, machine}, "host"});
  };
  hello_from(0, 100);
  hello_from(1, 200);
  hello_from(2, 300);
  EXPECT_FALSE(take<Sibling>(1));
  hello_from(3, 200);
  EXPECT_EQ(take<Sibling>(1).value().process.pid, 13U);
  EXPECT_EQ(take<Sibling>(3).value().rank, 1U);
  EXPECT_FALSE(take<Sibling>(0));
  EXPECT_FALSE(take<Sibling>(2));
  const Work held = take_lease(1);
  say(3, SiblingEnded{1});
  EXPECT_EQ(coordinator->account().workers_lost, 1U);
  EXPECT_EQ(events.back().text, "rank 1 on host has ended; its chunks go to others");
  expect_nonsense(3, SiblingEnded{2}, "no sibling");
}

TEST_F(CoordinatorTest, nobody_is_to_watch_a_process_that_has_ended) {
  options.worker_count = 3;
  options.process = {1, 100};
  start();
  say(0, Hello{0, 0, 1, {10, 100}, "host0"});
  say(1, Hello{0, 0, 1, {11, 200}, "host1"});
  coordinator->on_worker_died(1, now);
  say(2, Hello{0, 0, 1, {12, 200}, "host1"});
  EXPECT_FALSE(take<Sibling>(1));
  EXPECT_FALSE(take<Sibling>(2));
}

TEST_F(CoordinatorTest, the_median_of_all_ranks_is_told_with_heartbeats_and_leases) {
  hello(0);
  hello(1);
  for (int i = 0; i < 3; ++i) {
    Commit commit = commit_of(take_lease(0));
    commit.results.progress[0].busy = 20ms;
    say(0, std::move(commit));
  }
  said.clear();
  now += options.heartbeat_interval;
  tick();
  const auto beat = take<Heartbeat>(1);
  ASSERT_TRUE(beat);
  EXPECT_GE(beat->median_chunk, 20ms);
  EXPECT_LE(beat->median_chunk, 25ms);
  coordinator->on_worker_died(1, now);
  coordinator->on_stop(now);
}

TEST_F(CoordinatorTest, retries_are_told_until_there_are_many) {
  options.retries = 100;
  start();
  hello(0);
  for (int i = 0; i < 100; ++i) {
    const Work work = take_lease(0);
    Commit commit;
    commit.results.failures = {{work.lease, work.chunks.begin, "no", {}}};
    commit.results.progress = {{work.lease, work.chunks.end, true, 1, 1ms}};
    say(0, std::move(commit));
  }
  const auto told = std::count_if(events.begin(), events.end(), [](const Event& event) {
    return event.text.find("; trying again") != std::string::npos;
  });
  EXPECT_EQ(told, 22);  // 20, and those numbered 32 and 64
}

TEST_F(CoordinatorTest, finished_chunks_put_the_end_of_a_stalled_run_off) {
  options.stalled_after = 10s;
  start();
  hello(0);
  hello(1);
  while (!coordinator->plan().complete()) {
    now += 4s;
    say(0, commit_of(take_lease(0)));
    say(1, Alive{});
    if (coordinator->plan().done().size() == 11) say(1, commit_of(take_lease(1)));
  }
  EXPECT_FALSE(coordinator->error());
}

TEST_F(CoordinatorTest, a_run_whose_output_nobody_reads_is_no_stall) {
  job = make_job<NumberedLines>(12);
  job->open();
  options.stalled_after = 10s;
  start();
  sink.backlog = options.output_budget_bytes;
  hello(0);
  hello(1);
  beat_for(100s);
  EXPECT_FALSE(coordinator->error());
  sink.backlog = 0;
  beat_for(20s);
  EXPECT_TRUE(coordinator->error());
}

// Its worker lives and says nothing of it, and nobody else gets anything to do.
TEST_F(CoordinatorTest, output_that_waits_for_a_chunk_is_a_stall) {
  job = make_job<NumberedLines>(12);
  job->open();
  options.stalled_after = 20s;
  options.output_budget_bytes = 2;
  start();
  hello(0);
  hello(1);
  const Work work = take_lease(1);
  Commit commit;
  append(commit.results.payloads, view_of("a line that waits for the first"));
  commit.results.pieces.push_back({work.chunks, commit.results.payloads.size()});
  commit.results.progress.push_back({work.lease, work.chunks.end, true, 1, 1ms});
  say(1, commit);
  EXPECT_FALSE(take<Grant>(1));
  beat_for(30s);
  ASSERT_TRUE(coordinator->error());
  EXPECT_NE(std::string(coordinator->error()->what()).find("no chunk was finished"),
            std::string::npos);
}

TEST_F(CoordinatorTest, a_pause_of_ours_is_no_stall) {
  options.stalled_after = 20s;
  start();
  hello(0);
  hello(1);
  tick();
  now += 1000s;
  tick();
  EXPECT_FALSE(coordinator->error());
}

TEST_F(CoordinatorTest, the_death_of_a_worker_gives_its_chunks_to_others_at_once) {
  hello(0);
  hello(1);
  const Work held = take_lease(1);
  coordinator->on_worker_died(1, now);
  tick();
  finish_all(0);
  EXPECT_TRUE(coordinator->plan().done().contains_all(held.chunks));
  EXPECT_EQ(coordinator->account().workers_lost, 1U);
  EXPECT_TRUE(take<Finish>(0));
}

/// A coordinator of two workers whose input comes while the run goes on.
class OpenCoordinatorTest : public CoordinatorTest {
 protected:
  OpenCoordinatorTest() {
    job = make_job<NumberedLines>(0);
    options.stalled_after = 10s;
    restart();
  }

  void restart() {
    said.clear();
    collector = make_collector(*job, 0, sink);
    coordinator.emplace(*job, Grid::open_ended(), *collector, options, now);
  }
  void input(std::uint64_t count, bool ended = false) {
    coordinator->on_input({count, ended, 0});
    tick();
  }
  Commit answer(const Work& work) {
    Commit commit;
    append(commit.results.payloads, view_of(std::to_string(work.chunks.begin) + " "));
    commit.results.pieces.push_back({work.chunks, commit.results.payloads.size()});
    commit.results.progress.push_back({work.lease, work.chunks.end, true, work.chunks.size(), 1ms});
    return commit;
  }
  void answer_next(std::uint32_t rank) { say(rank, answer(take_lease(rank))); }
};

TEST_F(OpenCoordinatorTest, what_comes_is_leased_at_once_and_written_at_once) {
  hello(0);
  EXPECT_FALSE(take<Grant>(0));
  for (std::uint64_t i = 0; i < 3; ++i) {
    input(i + 1);
    answer_next(0);
  }
  EXPECT_EQ(sink.text, "0 1 2 ");
}

TEST_F(OpenCoordinatorTest, what_comes_together_is_shared_out) {
  hello(0);
  hello(1);
  input(2);
  EXPECT_EQ(take<Grant>(0)->leases.size(), 1U);
  EXPECT_EQ(take<Grant>(1)->leases.size(), 1U);
}

TEST_F(OpenCoordinatorTest, the_run_ends_when_the_input_has_ended_and_all_is_done) {
  hello(0);
  input(1);
  answer_next(0);
  EXPECT_FALSE(take<Finish>(0));
  input(2, true);
  EXPECT_FALSE(take<Finish>(0));
  answer_next(0);
  EXPECT_TRUE(take<Finish>(0));
}

TEST_F(OpenCoordinatorTest, an_input_without_items_ends_the_run) {
  hello(0);
  input(0, true);
  EXPECT_TRUE(take<Finish>(0));
}

TEST_F(OpenCoordinatorTest, an_input_that_keeps_us_waiting_is_no_stall) {
  hello(0);
  input(1);
  answer_next(0);
  hello(1);
  beat_for(100s);
  EXPECT_FALSE(coordinator->error());
}

TEST_F(OpenCoordinatorTest, a_worker_that_keeps_the_input_waiting_is_one) {
  hello(0);
  hello(1);
  input(1);
  beat_for(100s);
  ASSERT_TRUE(coordinator->error());
  EXPECT_NE(std::string(coordinator->error()->what()).find("no chunk"), std::string::npos);
}

TEST_F(OpenCoordinatorTest, it_drains_though_the_input_is_open) {
  hello(0);
  input(5);
  const Work work = take_lease(0);
  coordinator->on_drain(now);
  tick();
  say(0, answer(work));
  EXPECT_TRUE(take<Finish>(0));
  EXPECT_EQ(coordinator->ended(), RunEnd::stopped);
  EXPECT_EQ(coordinator->account().extent, Extent::open);
}

TEST_F(OpenCoordinatorTest, progress_says_that_nobody_knows_the_end) {
  hello(0);
  input(2);
  answer_next(0);
  const Progress progress = coordinator->progress(now);
  EXPECT_EQ(progress.extent, Extent::open);
  EXPECT_EQ(progress.items_done, 1U);
  EXPECT_EQ(progress.item_count, 2U);
}

TEST_F(OpenCoordinatorTest, what_was_read_is_recorded_with_what_is_done) {
  options.keeps_records = true;
  restart();
  hello(0);
  coordinator->on_input({3, false, 77});
  tick();
  coordinator->on_durable(1);  // who has joined
  recorded.clear();
  now += 1s;
  answer_next(0);
  ASSERT_EQ(recorded.size(), 1U);
  ASSERT_TRUE(recorded.front().input);
  EXPECT_EQ(recorded.front().input->digest, 77U);
}

TEST_F(OpenCoordinatorTest, restored_output_waits_until_its_input_is_there_again) {
  struct Kept final : Journal {
    void begin(const Grid&, const std::vector<InputFile>&) override {}
    void restore(const Restore&) override {}
    Bytes read(ChunkRange) const override {
      const ByteView text = view_of("kept ");
      return {text.begin(), text.end()};
    }
    void record(Records) override {}
    std::uint64_t durable_count() const override { return 0; }
  } journal;
  collector = make_collector(*job, 0, sink, &journal);
  coordinator.emplace(*job, Grid::open_ended(), *collector, options, now);
  coordinator->restore({0, 2}, {});
  hello(0);
  EXPECT_EQ(sink.text, "");
  EXPECT_FALSE(take<Grant>(0));
  input(3);
  EXPECT_EQ(sink.text, "kept ");
  EXPECT_EQ(take_lease(0).chunks, (ChunkRange{2, 3}));
}

}  // namespace
}  // namespace taskrun::testing
