// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "job_drive.hpp"

void register_job_collatz(taskrun::Registry&);  // TASKRUN_JOB made it

namespace taskrun::testing {
namespace {

TEST(CollatzTest, the_known_answer_comes_out_on_every_grid) {
  const auto job = make_job(register_job_collatz, {{"limit", "1000"}});
  for (std::uint64_t chunks = 1; chunks < 1000; ++chunks) {
    EXPECT_EQ(printed(*job, run_serially(*job, chunks)), "871 takes 178 steps");
  }
}

}  // namespace
}  // namespace taskrun::testing
