// SPDX-License-Identifier: MIT
// Many runs over the ranks that mpirun started, in one session.
#include "taskrun/run/session.hpp"

#include <gtest/gtest.h>

#include "mpi_world.hpp"
#include "taskrun/mpi/mpi_transport.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

/// `lead` is what rank 0 does; the others serve it.
template <class Lead>
void in_session(Lead lead) {
  Registry jobs;
  jobs.add<Concatenation>("concatenation", "concatenate numbers");
  Wakeup wakeup;
  MpiTransport transport(mpi_environment(), wakeup);
  SessionOptions options;
  options.slots = 1;
  Session session(transport, wakeup, jobs, options);
  if (session.rank() == 0) {
    lead(session);
  } else {
    session.serve();
  }
}

JobSpec numbers_below(std::uint64_t items) {
  return {"concatenation", {{"items", std::to_string(items)}}};
}

std::string text_of(const RunResult& result) { return std::any_cast<std::string>(result.result); }

TEST(MpiSessionTest, a_thousand_runs_one_after_another) {
  in_session([](Session& session) {
    for (std::uint64_t i = 0; i < 1000; ++i) {
      ASSERT_EQ(text_of(session.run(numbers_below(i % 20))), Concatenation().map({0, i % 20}));
    }
  });
}

TEST(MpiSessionTest, four_runs_at_once) {
  in_session([](Session& session) {
    for (int round = 0; round < 10; ++round) {
      std::vector<RunId> runs;
      for (std::uint64_t i = 0; i < 4; ++i)
        runs.push_back(session.start(numbers_below(50 + i), {}));
      for (std::uint64_t i = 4; i-- > 0;) {
        EXPECT_EQ(text_of(session.wait(runs[i])), Concatenation().map({0, 50 + i}));
      }
    }
  });
}

}  // namespace
}  // namespace taskrun::testing
