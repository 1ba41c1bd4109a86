// SPDX-License-Identifier: MIT
// The jobs of the test program.
#include "taskrun/job/registry.hpp"
#include "test_jobs.hpp"

using taskrun::testing::Concatenation;
using taskrun::testing::FloatSum;

TASKRUN_JOB(float_sum, "add numbers up, sensitive to the order", FloatSum)
TASKRUN_JOB(concatenation, "concatenate numbers", Concatenation)
