// SPDX-License-Identifier: MIT
#include "taskrun/run/session.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <sstream>
#include <thread>

#include "loopback_ranks.hpp"
#include "sanitized.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/engine/peer_watch.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

const Registry& jobs() {
  static const Registry all = [] {
    Registry registry;
    registry.add<Concatenation>("concatenation", "concatenate numbers");
    registry.add<FloatSum>("sum", "add up terms");
    registry.add<NumberedLines>("lines", "write numbers");
    registry.add<Failing>("failing", "fail now and then");
    return registry;
  }();
  return all;
}

JobSpec numbers_below(std::uint64_t items) {
  return {"concatenation", {{"items", std::to_string(items)}}};
}

std::string concatenated(std::uint64_t items) {
  std::string text;
  for (std::uint64_t i = 0; i < items; ++i) text += std::to_string(i) + ",";
  return text;
}

std::string text_of(const RunResult& result) { return std::any_cast<std::string>(result.result); }

/// What an Error says; empty where there is none.
template <class Step>
std::string error_of(Step step) {
  try {
    step();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

SessionOptions one_slot() {
  SessionOptions options;
  options.slots = 1;
  return options;
}

/// Ranks that are threads: `lead` is what rank 0 does with its session.
struct Ranks : LoopbackRanks {
  explicit Ranks(std::uint32_t count) : LoopbackRanks(count), options(count, one_slot()) {}

  template <class Lead>
  void run(Lead lead) {
    std::vector<std::jthread> others;
    for (std::uint32_t rank = 1; rank < transports.size(); ++rank) {
      others.emplace_back([this, rank] {
        Session session(*transports[rank], wakeups[rank], *registries[rank % registries.size()],
                        options[rank]);
        session.serve();
      });
    }
    Session session(*transports[0], wakeups[0], *registries[0], options[0]);
    lead(session);
  }

  std::vector<SessionOptions> options;
  std::vector<const Registry*> registries{&jobs()};  // of the ranks, in turn
};

TEST(SessionTest, a_run_needs_no_command_line) {
  Session session(jobs());
  std::ostringstream out;
  session.run(numbers_below(12)).print(out);
  EXPECT_EQ(out.str(), concatenated(12) + "\n");
}

TEST(SessionTest, what_a_job_emits_is_kept_where_there_is_no_sink) {
  Session session(jobs());
  std::ostringstream out;
  session.run({"lines", {{"items", "3"}}}).print(out);
  EXPECT_EQ(out.str(), "0\n1\n2\n");
}

TEST(SessionTest, bits_are_the_same_for_any_number_of_ranks) {
  const JobSpec sum{"sum", {{"items", "20000"}}};
  RunOptions options;
  options.chunk_count = 777;
  Session alone(jobs());
  const auto expected = std::any_cast<double>(alone.run(sum, options).result);
  for (const std::uint32_t count : {1U, 2U, 5U}) {
    Ranks(count).run([&](Session& session) {
      EXPECT_EQ(std::any_cast<double>(session.run(sum, options).result), expected) << count;
    });
  }
}

TEST(SessionTest, a_thousand_runs_one_after_another) {
  const std::uint64_t runs = sanitized ? 100 : 1000;  // each starts threads
  for (const std::uint32_t count : {1U, 2U, 4U}) {
    Ranks(count).run([&](Session& session) {
      for (std::uint64_t i = 0; i < runs; ++i) {
        ASSERT_EQ(text_of(session.run(numbers_below(i % 20))), concatenated(i % 20)) << count;
      }
    });
  }
}

TEST(SessionTest, four_runs_at_once) {
  for (const std::uint32_t count : {1U, 3U}) {
    Ranks(count).run([&](Session& session) {
      for (int round = 0; round < 20; ++round) {
        std::vector<RunId> runs;
        for (std::uint64_t i = 0; i < 4; ++i) {
          runs.push_back(session.start(numbers_below(50 + i), session.options_for({"sum", {}})));
        }
        for (std::uint64_t i = 4; i-- > 0;) {
          EXPECT_EQ(text_of(session.wait(runs[i])), concatenated(50 + i));
        }
      }
    });
  }
}

TEST(SessionTest, a_run_that_fails_leaves_the_session_as_it_is) {
  Ranks(2).run([](Session& session) {
    RunOptions options;
    options.chunk_count = 100;
    EXPECT_TRUE(contains(error_of([&] { session.run(numbers_below(12), options); }),
                         "--chunks 100 is more than the dataset has items"));
    EXPECT_EQ(text_of(session.run(numbers_below(12))), concatenated(12));
  });
}

TEST(SessionTest, a_job_that_the_program_does_not_have_is_refused) {
  Session session(jobs());
  EXPECT_EQ(error_of([&] {
              session.run({"concatination", {}});
            }),
            "this program has no job 'concatination'; did you mean 'concatenation'?");
  EXPECT_EQ(error_of([&] {
              session.run({"sum", {{"item", "3"}}});
            }),
            "the job sum has no parameter 'item'; did you mean 'items'?");
  EXPECT_TRUE(contains(error_of([&] { session.run({"sum", {{"items", "x"}}}); }), "items"));
}

TEST(SessionTest, a_run_that_is_over_has_no_result_any_more) {
  Session session(jobs());
  const RunId run = session.start(numbers_below(3), {});
  EXPECT_EQ(text_of(session.wait(run)), "0,1,2,");
  EXPECT_TRUE(contains(error_of([&] { session.wait(run); }), "run 1 is over"));
  EXPECT_TRUE(contains(error_of([&] { session.is_over(RunId{9}); }), "run 9 is over"));
}

TEST(SessionTest, a_rank_with_another_build_is_refused_with_its_host) {
  Ranks ranks(2);
  ranks.options[1].build = 77;
  ranks.run([](Session& session) {
    const std::string error = error_of([&] { session.run(numbers_below(3)); });
    EXPECT_TRUE(contains(error, "rank 1 on host ")) << error;
    EXPECT_TRUE(contains(error, "runs another build of this program")) << error;
  });
}

TEST(SessionTest, a_rank_that_cannot_make_the_job_ends_the_run_and_says_why) {
  const Registry nothing;
  Ranks ranks(2);
  ranks.registries = {&jobs(), &nothing};
  ranks.run([](Session& session) {
    const std::string error = error_of([&] { session.run(numbers_below(3)); });
    EXPECT_TRUE(contains(error, "rank 1 on host ")) << error;
    EXPECT_TRUE(contains(error, "this program has no job 'concatenation'")) << error;
  });
}

TEST(SessionTest, closing_ends_runs_that_go_on) {
  Ranks(3).run([](Session& session) {
    RunOptions minutes;
    minutes.chunk_count = 100000;
    session.start({"lines", {{"items", "100000"}, {"milliseconds", "10"}}}, minutes);
    session.step();
    session.close();
    EXPECT_TRUE(contains(error_of([&] { session.run(numbers_below(3)); }), "is closed"));
  });
}

/// Computes until it is let go.
struct Gated {
  static std::atomic<bool>& open() {
    static std::atomic<bool> is_open = false;
    return is_open;
  }
  void params(Params&) {}
  Range dataset() const { return {0, 1}; }
  std::uint64_t map(Range) const {
    while (!open()) std::this_thread::yield();
    return 1;
  }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t result, std::ostream& out) const { out << result; }
};

/// A process that has ended, as others on this machine know it.
ProcessName ended_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  ProcessName name = this_process();
  name.pid = static_cast<std::uint32_t>(child);
  return name;
}

// The test speaks for rank 1, whose process has ended when the first run hears of it.
TEST(SessionTest, a_run_does_not_wait_for_a_rank_that_another_has_seen_end) {
  Registry all;
  all.add<Gated>("gated", "wait to be let go");
  all.add<Concatenation>("concatenation", "concatenate numbers");
  Wakeup wakeups[2];
  LoopbackHub hub(2);
  const auto first = hub.connect(0, wakeups[0]);
  const auto second = hub.connect(1, wakeups[1]);
  SessionOptions options = one_slot();
  options.build = 1;
  Session session(*first, wakeups[0], all, options);
  Gated::open() = false;
  const JobSpec spec{"gated", {}};
  const RunId gated = session.start(spec, {});
  const RunId before = session.start(numbers_below(3), {});
  Frame hello = encode_message(
      ToCoordinator(Hello{1, checksum(encode_job_spec(spec)), 1, ended_process(), "elsewhere"}));
  hello.run = gated;
  second->send(0, hello);
  // Who is still expected has no account.
  EXPECT_EQ(session.wait(before).account.workers.size(), 2U);
  EXPECT_EQ(session.run(numbers_below(4), {}).account.workers.size(), 2U);
  EXPECT_FALSE(session.is_over(gated));
  Gated::open() = true;
  EXPECT_EQ(session.wait(gated).account.workers_lost, 1U);
}

TEST(SessionTest, late_frames_of_an_earlier_run_are_counted_and_dropped) {
  Wakeup wakeups[2];
  LoopbackHub hub(2);
  const auto first = hub.connect(0, wakeups[0]);
  const auto second = hub.connect(1, wakeups[1]);
  Frame late = encode_message(ToWorker(Heartbeat{}));
  late.run = RunId{4};
  first->send(1, late);
  first->send(1, encode_message(ToRank(CloseSession{})));
  Session session(*second, wakeups[1], jobs());
  session.serve();
  EXPECT_EQ(session.late_count(), 1U);
}

TEST(SessionTest, what_no_session_sends_ends_the_rank) {
  Wakeup wakeups[2];
  LoopbackHub hub(2);
  const auto first = hub.connect(0, wakeups[0]);
  const auto second = hub.connect(1, wakeups[1]);
  first->send(1, encode_message(ToWorker(Heartbeat{})));
  Session session(*second, wakeups[1], jobs());
  EXPECT_THROW(session.serve(), CorruptData);
}

}  // namespace
}  // namespace taskrun::testing
