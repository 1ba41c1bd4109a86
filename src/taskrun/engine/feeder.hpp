// SPDX-License-Identifier: MIT
// Gives workers leases: to those with credit left, as long as there is something to lease, and then
// what others hold and have not begun, or are slow with. Part of the coordinator, and pure like it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/coordinator_options.hpp"
#include "taskrun/engine/lease_sizer.hpp"
#include "taskrun/engine/messages.hpp"
#include "taskrun/engine/recorder.hpp"
#include "taskrun/engine/roster.hpp"
#include "taskrun/job/job.hpp"
#include "taskrun/schedule/plan.hpp"

namespace taskrun {

/// What it works with; all of it outlives the feeder.
struct FeederParts {
  const Job& job;
  const Grid& grid;
  const Collector& collector;
  const CoordinatorOptions& options;
  Plan& plan;
  Roster& roster;
  Recorder& recorder;
};

class Feeder {
 public:
  /// Sends a message to a worker.
  using Say = std::function<void(WorkerId, Message)>;

  explicit Feeder(const FeederParts& parts);

  /// It may have credit left.
  void note_hungry(WorkerId worker);
  /// So much more output has come of what is done.
  void note_output(std::uint64_t bytes) { sizer_.note_output(bytes); }
  /// Grants leases to all who may have credit left; `median_chunk` is told to them.
  void feed(Time now, Duration median_chunk, const Say& say);

  /// Whether output waits that must leave before more is leased.
  bool output_blocked() const;

  std::uint64_t lease_count() const { return lease_count_; }
  std::uint64_t copy_count() const { return copy_count_; }
  Time first_lease() const { return first_lease_; }  ///< `never` before that

 private:
  /// What there is for a worker.
  struct Next {
    enum class What { lease, nothing, enough };
    What what;  ///< nothing: although it has credit left; enough: it needs no more
    std::optional<Lease> lease{};
  };

  void wake_idle();
  void feed(WorkerId id, Time now, Duration median_chunk, const Say& say);
  Next next_for(WorkerId id, Time now, const Say& say);
  /// For a worker that found nothing: another slot's work, computed twice if need be.
  std::optional<Lease> copy_for(WorkerId id, const Say& say);
  /// Likewise, for a job whose chunks must not be: asks for work back that has not been begun.
  void recall_for(WorkerId id, std::size_t free_slots, const Say& say);
  void ask_back(LeaseId lease, const Say& say) const;
  Work work_of(const Lease& lease) const;

  const FeederParts parts_;
  LeaseSizer sizer_;
  std::vector<WorkerId> hungry_;   // may have credit left
  std::vector<WorkerId> feeding_;  // those of them being fed
  std::vector<WorkerId> idle_;     // found nothing to do
  std::uint64_t lease_count_ = 0;
  std::uint64_t copy_count_ = 0;
  Time first_lease_ = never;
};

}  // namespace taskrun
