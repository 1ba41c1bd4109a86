// SPDX-License-Identifier: MIT
// Runs over MPI that go wrong: rank 0 tells why, and every rank ends.
#include <gtest/gtest.h>
#include <unistd.h>

#include "mpi_run.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

struct NoInput {
  std::uint64_t items = 1;

  void params(Params& p) { p.count("items", items, "nothing"); }
  Range dataset() const { throw usage_error("there is no such file"); }
  int map(Range) const { return 0; }
  int reduce(int, int) const { return 0; }
  void print(int, std::ostream&) const {}
};

std::string this_host() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

// Rank 0 must throw an Error with that code; the others must end without one.
template <class J>
std::string error_of_rank_0(ExitCode code, const RunOptions& options) {
  const auto job = make_job<J>(100);
  try {
    const MpiRun run = run_on_mpi(options, *job);
    EXPECT_NE(world_rank(), 0U) << "rank 0 did not notice";
    EXPECT_FALSE(run.outcome);
  } catch (const Error& e) {
    EXPECT_EQ(world_rank(), 0U) << e.what();
    EXPECT_EQ(e.code(), code);
    return e.what();
  }
  return {};
}

TEST(MpiTroubleTest, a_rank_with_another_build_is_refused_and_its_host_named) {
  if (world_size() == 1) GTEST_SKIP() << "needs a second rank";
  RunOptions options;
  options.build = world_rank() + 1 == world_size() ? 2 : 1;
  const std::string error = error_of_rank_0<FloatSum>(ExitCode::environment, options);
  if (world_rank() != 0) return;
  EXPECT_NE(error.find(this_host()), std::string::npos) << error;
  EXPECT_NE(error.find("another build"), std::string::npos) << error;
}

TEST(MpiTroubleTest, a_rank_with_another_job_is_refused) {
  if (world_size() == 1) GTEST_SKIP() << "needs a second rank";
  RunOptions options;
  options.job = world_rank() + 1 == world_size() ? 2 : 1;
  const std::string error = error_of_rank_0<FloatSum>(ExitCode::environment, options);
  if (world_rank() == 0) {
    EXPECT_NE(error.find("another job"), std::string::npos) << error;
  }
}

TEST(MpiTroubleTest, a_dataset_that_cannot_be_made_ends_all_ranks_with_its_error) {
  const std::string error = error_of_rank_0<NoInput>(ExitCode::usage, {});
  if (world_rank() == 0) {
    EXPECT_EQ(error, "there is no such file");
  }
}

TEST(MpiTroubleTest, chunks_that_throw_are_retried_and_those_that_always_throw_are_named) {
  const auto job = make_job<Failing>(100);
  RunOptions options;
  options.slots = 2;
  options.chunk_count = 100;
  const MpiRun run = run_on_mpi(options, *job);
  if (!run.outcome) return;
  std::string expected;
  for (std::uint64_t i = 0; i < 100; ++i) {
    if (i % 11 != 10) expected += std::to_string(i) + ",";
  }
  EXPECT_EQ(std::any_cast<std::string>(run.outcome->result), expected);
  EXPECT_EQ(run.outcome->account.chunks_failed, 9U);
  for (const auto& failed : run.outcome->account.failed) EXPECT_EQ(failed.error, "always");
}

// After runs that went wrong nothing of them may reach the next one.
TEST(MpiTroubleTest, runs_after_each_other_do_not_disturb_each_other) {
  for (int i = 0; i < 10; ++i) {
    const auto job = make_job<Concatenation>(200);
    RunOptions options;
    options.chunk_count = 50;
    const MpiRun run = run_on_mpi(options, *job);
    if (!run.outcome) continue;
    EXPECT_EQ(std::any_cast<std::string>(run.outcome->result), Concatenation().map({0, 200}));
  }
}

}  // namespace
}  // namespace taskrun::testing
