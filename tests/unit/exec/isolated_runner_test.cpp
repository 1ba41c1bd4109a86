// SPDX-License-Identifier: MIT
#include "taskrun/exec/isolated_runner.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "mishaps.hpp"
#include "sanitized.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/exec/slot_pool.hpp"
#include "taskrun/os/pidfd.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

using namespace std::chrono_literals;
using Options = std::vector<std::pair<std::string, std::string>>;

template <class J>
std::unique_ptr<Job> make(const Options& options) {
  auto job = std::make_unique<TypedJob<J>>();
  Params params;
  job->declare(params);
  for (const auto& [name, value] : options) {
    for (const auto& param : params.all()) {
      if (param.name == name) param.parse(value);
    }
  }
  return job;
}

std::vector<pid_t> children_of(pid_t process) {
  const std::string id = std::to_string(process);
  std::ifstream in("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; in >> child;) children.push_back(child);
  return children;
}

std::size_t descriptor_count() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

void await_readable(int fd) {
  pollfd polled{fd, POLLIN, 0};
  ASSERT_EQ(poll(&polled, 1, 20'000), 1);
}

/// A pool whose slots have helpers.
struct Isolated {
  std::unique_ptr<Job> job;
  Grid grid;
  Wakeup done;
  std::unique_ptr<Zygote> zygote;
  std::unique_ptr<SlotPool> pool;

  explicit Isolated(std::unique_ptr<Job> some_job, std::uint64_t chunks,
                    const IsolationLimits& limits = {}, std::uint32_t slots = 1)
      : job(std::move(some_job)),
        grid(chunks, chunks),
        zygote(std::make_unique<Zygote>(*job, limits, slots)),
        pool(std::make_unique<SlotPool>(isolated_runners(*zygote, grid, slots), done)) {}

  /// Waits for results until so many leases have ended.
  Results results(std::size_t leases = 1) {
    Results all;
    for (std::size_t seen = 0; seen < leases;) {
      Results some;
      pool->take_results(some);
      for (const auto& progress : some.progress) seen += progress.ended ? 1 : 0;
      all.append(some);
      if (seen < leases) done.wait_for(10s);
    }
    return all;
  }
  Results run(ChunkRange chunks, std::uint32_t attempt = 1) {
    pool->start({LeaseId{1}, chunks, attempt, {}});
    return results();
  }
  pid_t zygote_pid() const { return children_of(getpid()).at(0); }
  pid_t helper_pid() const { return children_of(zygote_pid()).at(0); }
};

/// What the pieces say together, decoded, in order.
std::string results_text(const Job& job, const Results& results) {
  std::string text;
  ByteReader in(results.payloads);
  for (const Piece& piece : results.pieces) {
    text += std::any_cast<std::string>(job.decode(in.take_bytes(piece.payload_size)));
  }
  return text;
}

void expect_only_failure(const Results& results, std::uint64_t chunk, const std::string& error) {
  ASSERT_EQ(results.failures.size(), 1U);
  EXPECT_EQ(results.failures.front().chunk, chunk);
  EXPECT_EQ(results.failures.front().error, error);
  EXPECT_TRUE(results.progress.back().ended);
  EXPECT_LE(results.progress.back().next, chunk);
}

// --- each way to end

struct Mishap {
  const char* what;
  const char* error;
};
void PrintTo(const Mishap& mishap, std::ostream* out) { *out << mishap.what; }

class MishapTest : public ::testing::TestWithParam<Mishap> {};

TEST_P(MishapTest, fails_its_chunk_and_the_next_lease_runs) {
  Isolated isolated(make<Mishaps>({{"what", GetParam().what}}), 20);
  expect_only_failure(isolated.run({3, 9}), 5, GetParam().error);
  const Results next = isolated.run({6, 9});
  EXPECT_EQ(results_text(*isolated.job, next), "6,7,8,");
  EXPECT_TRUE(next.failures.empty());
}

INSTANTIATE_TEST_SUITE_P(
    each, MishapTest,
    ::testing::Values(Mishap{"segv", "crashed: SIGSEGV"}, Mishap{"abort", "crashed: SIGABRT"},
                      Mishap{"bus", "crashed: SIGBUS"}, Mishap{"fpe", "crashed: SIGFPE"},
                      Mishap{"term", "crashed: SIGTERM"},
                      Mishap{"kill", "was killed: SIGKILL, perhaps for want of memory"},
                      Mishap{"exit", "ended its process with exit code 3"},
                      Mishap{"quit", "ended its process with exit code 0"},
                      Mishap{"terminate", "crashed: SIGABRT"}),
    [](const auto& test) { return std::string(test.param.what); });

TEST(IsolatedRunnerTest, an_exception_costs_no_helper) {
  Isolated isolated(make<Mishaps>({{"what", "throw"}}), 20);
  isolated.run({0, 1});
  const pid_t helper = isolated.helper_pid();
  const Results results = isolated.run({3, 9});
  ASSERT_EQ(results.failures.size(), 1U);
  EXPECT_EQ(results.failures.front().error, "thrown");
  EXPECT_EQ(results_text(*isolated.job, results), "3,4,6,7,8,");
  EXPECT_EQ(isolated.helper_pid(), helper);
}

TEST(IsolatedRunnerTest, what_was_handed_over_before_a_death_stays) {
  Isolated isolated(make<Mishaps>({{"what", "segv"}, {"milliseconds", "60"}}), 20);
  const Results results = isolated.run({3, 9});
  expect_only_failure(results, 5, "crashed: SIGSEGV");
  EXPECT_EQ(results_text(*isolated.job, results), "3,4,");
  EXPECT_EQ(results.progress.back().next, 5U);
}

// --- limits

TEST(IsolatedRunnerTest, a_chunk_that_hangs_is_ended_at_its_timeout) {
  IsolationLimits limits;
  limits.timeout = 200ms;
  limits.timeout_text = "200ms";
  Isolated isolated(make<Mishaps>({{"what", "hang"}, {"deaf", ""}}), 20, limits);
  expect_only_failure(isolated.run({3, 9}), 5, "took longer than 200ms");
  EXPECT_TRUE(isolated.run({6, 9}).failures.empty());
}

TEST(IsolatedRunnerTest, the_timeout_is_for_each_chunk_not_for_the_lease) {
  IsolationLimits limits;
  limits.timeout = 400ms;
  Isolated isolated(make<Mishaps>({{"milliseconds", "60"}}), 20, limits);
  EXPECT_EQ(isolated.run({0, 12}).progress.back().next, 12U);
}

TEST(IsolatedRunnerTest, a_relative_timeout_follows_the_median) {
  IsolationLimits limits;
  limits.timeout_ratio = 5;
  limits.timeout_text = "5x";
  Isolated isolated(make<Mishaps>({{"what", "hang"}, {"at", "10"}}), 20, limits);
  for (std::uint64_t chunk = 0; chunk < 10; ++chunk) isolated.run({chunk, chunk + 1});
  expect_only_failure(isolated.run({10, 12}), 10, "took longer than 5x the median chunk");
}

TEST(IsolatedRunnerTest, a_chunk_that_takes_all_memory_fails_and_gives_it_back) {
  if (sanitized) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  IsolationLimits limits;
  limits.memory_bytes = 64 << 20;
  limits.memory_text = "64MiB";
  Isolated isolated(make<Mishaps>({{"what", "memory"}}), 20, limits);
  const Results results = isolated.run({3, 9});
  ASSERT_EQ(results.failures.size(), 1U);
  EXPECT_EQ(results.failures.front().chunk, 5U);
  const std::string& error = results.failures.front().error;
  EXPECT_TRUE(error.starts_with("used more memory than --memory allows: ")) << error;
  EXPECT_NE(error.find(" of 67 MB"), std::string::npos) << error;
  EXPECT_TRUE(isolated.run({6, 9}).failures.empty());
}

// None of them has as much alone.
TEST(IsolatedRunnerTest, memory_is_limited_for_a_chunk_and_all_that_it_has_started) {
  if (sanitized) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  IsolationLimits limits;
  limits.memory_bytes = 96 << 20;
  Isolated isolated(make<Mishaps>({{"what", "family"}, {"at", "5"}}), 20, limits);
  const Results results = isolated.run({3, 9});
  ASSERT_EQ(results.failures.size(), 1U);
  EXPECT_EQ(results.failures.front().chunk, 5U);
  const std::string& error = results.failures.front().error;
  EXPECT_TRUE(error.starts_with("used more memory than --memory allows: 1")) << error;
  EXPECT_TRUE(error.ends_with(" MB of 101 MB")) << error;
  EXPECT_GT(results.failures.front().memory_bytes, 0U);
  const Results next = isolated.run({6, 9});
  EXPECT_TRUE(next.failures.empty());
  EXPECT_TRUE(children_of(isolated.helper_pid()).empty());
}

TEST(IsolatedRunnerTest, what_a_chunk_took_of_its_memory_is_told_also_where_it_goes_well) {
  if (sanitized) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  IsolationLimits limits;
  limits.memory_bytes = 300 << 20;
  Isolated isolated(make<Mishaps>({{"what", "family"}, {"at", "5"}}), 20, limits);
  const Results results = isolated.run({5, 6});
  EXPECT_TRUE(results.failures.empty());
  EXPECT_GT(results.progress.back().memory_bytes, std::uint64_t{120} << 20);
}

// --- stops

TEST(IsolatedRunnerTest, a_lease_is_stopped_at_the_next_chunk) {
  Isolated isolated(make<Mishaps>({{"milliseconds", "60"}, {"items", "1000"}}), 1000);
  isolated.pool->start({LeaseId{1}, {0, 1000}, 1, {}});
  Results first;
  while (first.empty()) {
    isolated.done.wait_for(10s);
    isolated.pool->take_results(first);
  }
  isolated.pool->cancel(LeaseId{1}, Cancel::now);
  const Results rest = isolated.results();
  EXPECT_LT(rest.progress.back().next, 1000U);
  EXPECT_TRUE(rest.failures.empty());
  EXPECT_EQ(isolated.run({0, 1}).progress.back().next, 1U);
}

TEST(IsolatedRunnerTest, a_chunk_that_does_not_listen_is_ended_when_nobody_wants_it) {
  Isolated isolated(make<Mishaps>({{"what", "hang"}, {"at", "0"}, {"deaf", ""}}), 20);
  isolated.pool->start({LeaseId{1}, {0, 3}, 1, {}});
  while (isolated.zygote->cell(0).begun == 0) std::this_thread::yield();
  isolated.pool->cancel(LeaseId{1}, Cancel::now);
  const Results results = isolated.results();
  EXPECT_TRUE(results.failures.empty());
  EXPECT_EQ(results.progress.back().next, 0U);
}

TEST(IsolatedRunnerTest, the_end_of_the_pool_ends_what_does_not_listen) {
  Isolated isolated(make<Mishaps>({{"what", "hang"}, {"at", "0"}, {"deaf", ""}}), 20);
  isolated.pool->start({LeaseId{1}, {0, 3}, 1, {}});
  while (isolated.zygote->cell(0).begun == 0) std::this_thread::yield();
  EXPECT_TRUE(isolated.pool->stop(10ms));
}

// --- what crosses

/// As Concatenation, of values that only the coordinator has.
struct Shipped {
  void params(Params&) {}
  Items<std::string> dataset() const { return Items<std::string>({"a", "bc", "", "d"}); }
  std::string map(std::span<const std::string> part) const {
    std::string text;
    for (const auto& value : part) text += value + ",";
    return text;
  }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string&, std::ostream&) const {}
};

TEST(IsolatedRunnerTest, slices_of_a_dataset_that_ships_come_with_the_lease) {
  const auto here = make<Shipped>({});
  here->open();
  Isolated isolated(make<Shipped>({}), 4);
  Work work{LeaseId{1}, {1, 4}, 1, {}};
  ByteWriter shipped(work.shipped);
  for (std::uint64_t i = 1; i < 4; ++i) {
    Bytes slice;
    here->ship({i, i + 1}, slice);
    shipped.put_sized(slice);
  }
  isolated.pool->start(std::move(work));
  EXPECT_EQ(results_text(*isolated.job, isolated.results()), "bc,,d,");
}

TEST(IsolatedRunnerTest, large_results_cross_whole) {
  Isolated isolated(make<Mishaps>({{"item-bytes", "20M"}}), 20);
  EXPECT_EQ(results_text(*isolated.job, isolated.run({0, 3})).size(), 60'000'000U);
}

/// Dies in another thread some time after a result of 200 kB was made: often while it is sent.
struct DiesSending {
  void params(Params&) {}
  Range dataset() const { return {0, 1000}; }
  std::string map(Range part) const {
    std::thread([delay = part.first() * 3] {
      std::this_thread::sleep_for(std::chrono::microseconds(delay));
      raise(SIGKILL);
    }).detach();
    return std::string(200'000, static_cast<char>('a' + part.first() % 26));
  }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string&, std::ostream&) const {}
};

TEST(IsolatedRunnerTest, a_result_whose_sender_dies_is_whole_or_none) {
  Isolated isolated(make<DiesSending>({}), 1000);
  for (std::uint64_t chunk = 0; chunk < 200; ++chunk) {
    const Results results = isolated.run({chunk, chunk + 1});
    // None of both: it died of an earlier chunk, before it began this one.
    EXPECT_LE(results.pieces.size() + results.failures.size(), 1U);
    if (results.pieces.empty()) continue;
    EXPECT_EQ(results_text(*isolated.job, results),
              std::string(200'000, static_cast<char>('a' + chunk % 26)));
  }
}

TEST(HelperMessagesTest, half_a_frame_is_no_frame) {
  const Bytes frame = work_frame({LeaseId{7}, {3, 9}, 2, Bytes(1000)});
  for (std::size_t cut = 0; cut < frame.size(); ++cut) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const Descriptor in(ends[0]);
    Descriptor out(ends[1]);
    ASSERT_TRUE(send_all(out.fd(), ByteView(frame).first(cut)));
    out = Descriptor();
    FrameReader reader;
    while (reader.read(in.fd(), 0) != FrameReader::Got::end) EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.next());
  }
}

TEST(IsolatedRunnerTest, thousands_of_short_leases_run_on_many_slots) {
  Isolated isolated(make<Mishaps>({{"items", "3000"}, {"what", "segv"}, {"every", "100"}}), 3000,
                    {}, 4);
  for (std::uint64_t i = 0; i < 3000; ++i) {
    isolated.pool->start({LeaseId{i + 1}, {i, i + 1}, 1, {}});
  }
  const Results results = isolated.results(3000);
  EXPECT_EQ(results.failures.size(), 30U);
  EXPECT_EQ(results.pieces.size(), 2970U);
}

TEST(IsolatedRunnerTest, pieces_are_the_same_as_without_isolation) {
  const auto here = make<FloatSum>({{"items", "500"}});
  here->open();
  const Grid grid(500, 50);
  Wakeup done;
  SlotPool pool(thread_runners(*here, grid, 1), done);
  pool.start({LeaseId{1}, {3, 41}, 1, {}});
  Results expected;
  while (expected.progress.empty()) {
    done.wait_for(10s);
    pool.take_results(expected);
  }
  Isolated isolated(make<FloatSum>({{"items", "500"}}), 50);
  isolated.grid = grid;
  EXPECT_EQ(isolated.run({3, 41}).payloads, expected.payloads);
}

// --- deaths outside of chunks

TEST(IsolatedRunnerTest, a_helper_that_dies_idle_is_replaced) {
  Isolated isolated(make<Mishaps>({}), 20);
  isolated.run({0, 1});
  const Descriptor helper = process_descriptor(isolated.helper_pid());
  send_signal(helper, SIGKILL);
  await_readable(helper.fd());
  const Results results = isolated.run({1, 3});
  EXPECT_TRUE(results.failures.empty());
}

TEST(IsolatedRunnerTest, without_its_zygote_the_run_ends_with_an_error) {
  Isolated isolated(make<Mishaps>({}), 20);
  isolated.run({0, 1});
  const Descriptor helper = process_descriptor(isolated.helper_pid());
  kill(isolated.zygote_pid(), SIGKILL);
  await_readable(helper.fd());
  EXPECT_THROW(isolated.run({1, 20}), Error);
}

/// Whose dataset cannot be made where the helper is.
struct NoDataset {
  void params(Params&) {}
  Range dataset() const { throw std::runtime_error("no such folder"); }
  int map(Range) const { return 0; }
  int reduce(int left, int right) const { return left + right; }
  void print(int, std::ostream&) const {}
};

TEST(IsolatedRunnerTest, a_dataset_that_cannot_be_made_ends_the_run) {
  Isolated isolated(make<NoDataset>({}), 20);
  isolated.pool->start({LeaseId{1}, {1, 20}, 1, {}});
  try {
    isolated.results();
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "no such folder");
  }
}

TEST(IsolatedRunnerTest, without_its_zygote_the_worker_cannot_go_on) {
  Isolated isolated(make<Mishaps>({{"what", "hang"}}), 20);
  isolated.pool->start({LeaseId{1}, {3, 20}, 1, {}});
  while (isolated.zygote->cell(0).begun < 3) std::this_thread::yield();
  kill(isolated.zygote_pid(), SIGKILL);
  EXPECT_THROW(isolated.results(), HelpersGone);
}

// --- nothing stays

TEST(IsolatedRunnerTest, neither_process_nor_descriptor_stays) {
  const std::size_t descriptors = descriptor_count();
  {
    Isolated isolated(make<Mishaps>({{"what", "orphan"}, {"at", "2"}, {"items", "50"}}), 50, {}, 3);
    for (std::uint64_t i = 0; i < 50; ++i) {
      isolated.pool->start({LeaseId{i + 1}, {i, i + 1}, 1, {}});
    }
    isolated.results(50);
    EXPECT_EQ(children_of(isolated.zygote_pid()).size(), 3U);
  }
  EXPECT_TRUE(children_of(getpid()).empty());
  EXPECT_EQ(descriptor_count(), descriptors);
}

/// Goes on until it is asked to end, and has something to do then.
struct SaysGoodbye {
  std::uint64_t to = 0;

  void params(Params& p) { p.count("to", to, "the descriptor to write to"); }
  Range dataset() const { return {0, 1}; }
  std::uint64_t map(Range, const Context& context) const {
    while (!context.stop_requested()) std::this_thread::sleep_for(1ms);
    const char word = 'b';
    return static_cast<std::uint64_t>(write(static_cast<int>(to), &word, 1));
  }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t, std::ostream&) const {}
};

/// What its helper writes when a rank, told to end or not, is killed before it has passed that on.
std::string last_words(bool told) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const Descriptor words(ends[0]);
  Descriptor ours(ends[1]);
  const pid_t rank = fork();
  if (rank == 0) {
    try {
      IsolationLimits limits;
      limits.kept_by_job = true;
      limits.launcher = getppid();
      limits.told.grace = 60s;
      Isolated isolated(make<SaysGoodbye>({{"to", std::to_string(ours.fd())}}), 1, limits);
      isolated.pool->start({LeaseId{1}, {0, 1}, 1, {}});
      while (isolated.zygote->cell(0).begun == 0) std::this_thread::yield();
      if (told) *isolated.zygote->rank_told() = true;
      raise(SIGKILL);
    } catch (...) {
    }
    _exit(1);
  }
  ours = Descriptor();
  std::string said;
  pollfd polled{words.fd(), POLLIN, 0};
  int ready = 0;
  for (char word = 0; (ready = poll(&polled, 1, 20'000)) == 1 && read(words.fd(), &word, 1) == 1;) {
    said += word;
  }
  if (ready == 0) said += "(did not end)";
  waitpid(rank, nullptr, 0);
  return said;
}

// Launchers give ranks less time than commands have.
TEST(IsolatedRunnerTest, a_rank_that_is_killed_when_it_was_to_end_leaves_its_helpers_their_time) {
  EXPECT_EQ(last_words(true), "b");
  EXPECT_EQ(last_words(false), "");
}

// A process that dies without a word takes its helpers with it: whoever holds the writing end of a
// pipe lives.
TEST(IsolatedRunnerTest, a_rank_that_is_killed_takes_its_helpers_along) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Descriptor alive(ends[0]);
  Descriptor ours(ends[1]);
  const pid_t rank = fork();
  ASSERT_GE(rank, 0);
  if (rank == 0) {
    try {
      Isolated isolated(make<Mishaps>({{"what", "hang"}, {"deaf", ""}, {"at", "0"}}), 20, {}, 2);
      isolated.pool->start({LeaseId{1}, {0, 3}, 1, {}});
      isolated.pool->start({LeaseId{2}, {3, 20}, 1, {}});
      isolated.results();
      while (isolated.zygote->cell(0).begun + isolated.zygote->cell(1).begun < 18) {
        std::this_thread::yield();
      }
      raise(SIGKILL);
    } catch (...) {
    }
    _exit(1);
  }
  ours = Descriptor();
  pollfd polled{alive.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&polled, 1, 20'000), 1);
  EXPECT_EQ(polled.revents & POLLHUP, POLLHUP);
  waitpid(rank, nullptr, 0);
}

}  // namespace
}  // namespace taskrun::testing
