// SPDX-License-Identifier: MIT
#include "taskrun/exec/lease_runner.hpp"

namespace taskrun {
namespace {

class ThreadRunner final : public LeaseRunner {
 public:
  ThreadRunner(const Job& job, const Grid& grid) : chunks_(job, grid) {}

  void run(const Work& work, Results& out, const ChunkRunner::Flush& flush) override {
    chunks_.run(work, stop_, out, flush);
  }
  std::atomic<bool>& stop_flag() override { return stop_; }
  bool kill() override { return false; }

 private:
  ChunkRunner chunks_;
  std::atomic<bool> stop_ = false;
};

}  // namespace

std::vector<std::unique_ptr<LeaseRunner>> thread_runners(const Job& job, const Grid& grid,
                                                         std::uint32_t count) {
  std::vector<std::unique_ptr<LeaseRunner>> runners;
  for (std::uint32_t i = 0; i < count; ++i) {
    runners.push_back(std::make_unique<ThreadRunner>(job, grid));
  }
  return runners;
}

}  // namespace taskrun
