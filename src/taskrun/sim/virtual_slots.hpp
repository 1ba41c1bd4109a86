// SPDX-License-Identifier: MIT
// The slots of a simulated worker: chunks are really computed, but take as long as the simulation
// says.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/exec/chunk_runner.hpp"
#include "taskrun/exec/executor.hpp"
#include "taskrun/job/job.hpp"

namespace taskrun {

/// Owned by the simulation, which tells it the time before each call and plays its slots' events.
class VirtualSlots final : public Executor {
 public:
  using ChunkCost = std::function<Duration(std::uint64_t chunk)>;
  /// Asks to be called at `at` with on_slot(ticket).
  using Schedule = std::function<void(Time at, std::uint64_t ticket)>;

  /// Job, grid and cost outlive the slots.
  VirtualSlots(const Job& job, const Grid& grid, std::uint32_t slots, double speed,
               const ChunkCost& cost, Schedule schedule);

  std::uint32_t slot_count() const override { return static_cast<std::uint32_t>(slots_.size()); }
  void start(Work work) override;
  void cancel(LeaseId lease, Cancel how) override;
  void take_results(Results& out) override;

  void set_now(Time now) { now_ = now; }
  /// A stretch of work is done. Ignores the ticket of one that was cancelled.
  void on_slot(std::uint64_t ticket);

 private:
  // A slot computes its lease in stretches, each as long as results may be held back.
  struct Slot {
    bool busy = false;
    bool cancelled = false;
    Work work;
    ByteReader shipped{ByteView{}};  // of the work, from the next stretch on
    std::uint64_t next = 0;          // the first chunk of the stretch
    std::uint64_t end = 0;           // past its last
    Time begun{};
    std::uint64_t ticket = 0;
  };

  Duration cost(std::uint64_t chunk) const;
  void begin_lease(Slot& slot, Work work);
  void begin_stretch(Slot& slot);
  void cancel_stretch(Slot& slot);
  void compute(Slot& slot);
  static Bytes take_shipped(Slot& slot);
  void serve_queue(Slot& slot);

  const Job& job_;
  const Grid& grid_;
  double speed_;
  const ChunkCost& cost_;
  Schedule schedule_;
  std::vector<Slot> slots_;
  std::vector<Work> queue_;  // oldest first; short
  Results results_;
  Time now_{};
  std::uint64_t last_ticket_ = 0;
};

}  // namespace taskrun
