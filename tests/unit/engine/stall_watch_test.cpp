// SPDX-License-Identifier: MIT
#include "taskrun/engine/stall_watch.hpp"

#include <gtest/gtest.h>

#include "taskrun/engine/collector.hpp"
#include "test_jobs.hpp"
#include "text_sink.hpp"

namespace taskrun::testing {
namespace {

using namespace std::chrono_literals;

class StallWatchTest : public ::testing::Test {
 protected:
  StallWatchTest() { options.stalled_after = 100s; }

  CoordinatorOptions options;
  const Time start{1s};
  StallWatch watch{options, start};
};

TEST_F(StallWatchTest, it_tells_once_at_half_time_and_once_more_at_the_end) {
  EXPECT_EQ(watch.look_at_chunks(start + 49s).tell, "");
  const auto half = watch.look_at_chunks(start + 50s);
  EXPECT_NE(half.tell, "");
  EXPECT_EQ(half.end, "");
  EXPECT_EQ(watch.look_at_chunks(start + 51s).tell, "");
  EXPECT_EQ(watch.look_at_chunks(start + 99s).tell, "");
  const auto over = watch.look_at_chunks(start + 100s);
  EXPECT_NE(over.tell, "");
  EXPECT_NE(over.end.find("for 100 s"), std::string::npos) << over.end;
}

TEST_F(StallWatchTest, chunks_begin_the_time_anew) {
  EXPECT_NE(watch.look_at_chunks(start + 60s).tell, "");
  watch.on_chunks(start + 60s);
  EXPECT_EQ(watch.look_at_chunks(start + 109s).tell, "");
  EXPECT_NE(watch.look_at_chunks(start + 110s).tell, "");
}

TEST_F(StallWatchTest, neither_what_is_excused_nor_a_pause_counts) {
  watch.excuse_chunks(start + 40s);
  EXPECT_EQ(watch.look_at_chunks(start + 89s).tell, "");
  watch.forgive(1000s);
  EXPECT_EQ(watch.look_at_chunks(start + 1089s).tell, "");
  EXPECT_NE(watch.look_at_chunks(start + 1090s).tell, "");
}

class StuckJournalTest : public StallWatchTest {
 protected:
  void write_something(Time now) {
    recorder.on_event({Level::info, "something"});
    ASSERT_TRUE(recorder.next(*collector, {}, now));
  }

  const std::unique_ptr<Job> job = make_job<Concatenation>(12);
  TextSink sink;
  const std::unique_ptr<Collector> collector = make_collector(*job, 12, sink);
  Recorder recorder{Recorder::Keeps::records, 40ms};
};

TEST_F(StuckJournalTest, each_hang_is_told_once) {
  write_something(start);
  EXPECT_EQ(watch.look_at_journal(recorder, start + 29s).tell, "");
  EXPECT_NE(watch.look_at_journal(recorder, start + 30s).tell, "");
  EXPECT_EQ(watch.look_at_journal(recorder, start + 31s).tell, "");
  recorder.on_durable(1);
  EXPECT_EQ(watch.look_at_journal(recorder, start + 32s).tell, "");
  write_something(start + 32s);
  EXPECT_EQ(watch.look_at_journal(recorder, start + 61s).tell, "");
  EXPECT_NE(watch.look_at_journal(recorder, start + 62s).tell, "");
}

TEST_F(StuckJournalTest, one_that_lasts_ends_the_run) {
  write_something(start);
  EXPECT_EQ(watch.look_at_journal(recorder, start + 99s).end, "");
  EXPECT_NE(watch.look_at_journal(recorder, start + 100s).end.find("its disk does not answer"),
            std::string::npos);
}

}  // namespace
}  // namespace taskrun::testing
