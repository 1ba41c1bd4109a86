// SPDX-License-Identifier: MIT
// The main of GoogleTest programs under mpirun: every rank ends with the worst result of all, and
// says only what failed unless it is rank 0. No test executed is a failure.
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <iostream>

#include "mpi_world.hpp"
#include "taskrun/core/contract.hpp"

namespace taskrun::testing {
namespace {

// GoogleTest hands nothing to its tests; this is how they reach what main owns.
MpiEnvironment* environment_of_main = nullptr;

class FailurePrinter final : public ::testing::EmptyTestEventListener {
 public:
  explicit FailurePrinter(int rank) : rank_(rank) {}

 private:
  void OnTestStart(const ::testing::TestInfo& test) override {
    name_ = std::string(test.test_suite_name()) + "." + test.name();
  }
  void OnTestPartResult(const ::testing::TestPartResult& result) override {
    if (!result.failed()) return;
    std::cerr << "rank " << rank_ << ", " << name_ << ": "
              << (result.file_name() == nullptr ? "?" : result.file_name()) << ":"
              << result.line_number() << ": " << result.message() << std::endl;
  }

  int rank_;
  std::string name_;
};

int world_rank() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int worst_of_all(int result) {
  int worst = result;
  MPI_Allreduce(&result, &worst, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return worst;
}

int run_tests(int rank) {
  auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
  if (rank != 0) {
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailurePrinter(rank));
  }
  const int failed = RUN_ALL_TESTS();
  if (::testing::UnitTest::GetInstance()->test_to_run_count() > 0) return failed;
  std::cerr << "no test was executed\n";
  return 1;
}

}  // namespace

MpiEnvironment& mpi_environment() {
  TASKRUN_EXPECT(environment_of_main != nullptr);
  return *environment_of_main;
}

}  // namespace taskrun::testing

int main(int argc, char** argv) {
  using namespace taskrun::testing;
  ::testing::InitGoogleTest(&argc, argv);
  taskrun::MpiEnvironment environment;
  environment_of_main = &environment;
  const int rank = world_rank();
  return worst_of_all(std::clamp(run_tests(rank), 0, 255));
}
