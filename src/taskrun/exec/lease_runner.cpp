// SPDX-License-Identifier: MIT
#include "taskrun/exec/lease_runner.hpp"

#include <utility>

namespace taskrun {
namespace {

// Marks what one slot is at.
class SlotMark final : public ChunkWatch {
 public:
  SlotMark(std::shared_ptr<ChunkMarks> marks, std::uint32_t slot)
      : marks_(std::move(marks)), slot_(slot) {}

  void begin(std::uint64_t chunk) override { marks_->begin(slot_, chunk); }
  void out_of_memory() override {}
  void end() {
    if (marks_) marks_->end(slot_);
  }
  ChunkWatch* watch() { return marks_ ? this : nullptr; }

 private:
  const std::shared_ptr<ChunkMarks> marks_;
  const std::uint32_t slot_;
};

class ThreadRunner final : public LeaseRunner {
 public:
  ThreadRunner(const Job& job, const Grid& grid, const std::shared_ptr<ChunkMarks>& marks,
               std::uint32_t slot)
      : mark_(marks, slot), chunks_(job, grid, mark_.watch()) {}

  void run(const Work& work, Results& out, const ChunkRunner::Flush& flush) override {
    chunks_.run(work, stop_, out, flush);
    mark_.end();
  }
  std::atomic<bool>& stop_flag() override { return stop_; }
  bool kill() override { return false; }

 private:
  SlotMark mark_;
  ChunkRunner chunks_;
  std::atomic<bool> stop_ = false;
};

}  // namespace

std::vector<std::unique_ptr<LeaseRunner>> thread_runners(const Job& job, const Grid& grid,
                                                         std::uint32_t count,
                                                         const std::shared_ptr<ChunkMarks>& marks) {
  std::vector<std::unique_ptr<LeaseRunner>> runners;
  for (std::uint32_t i = 0; i < count; ++i) {
    runners.push_back(std::make_unique<ThreadRunner>(job, grid, marks, i));
  }
  return runners;
}

}  // namespace taskrun
