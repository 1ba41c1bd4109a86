// SPDX-License-Identifier: MIT
// Gives workers leases: to those with credit left, as long as there is something to lease, and then
// what others hold and have not begun, or are slow with. Part of the coordinator, and pure like it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "taskrun/engine/coordinator_parts.hpp"
#include "taskrun/engine/lease_sizer.hpp"

namespace taskrun {

class Feeder {
 public:
  explicit Feeder(const CoordinatorParts& parts);

  /// It may have credit left.
  void note_hungry(WorkerId worker);
  /// So much more output has come of what is done.
  void note_output(std::uint64_t bytes) { sizer_.note_output(bytes); }
  /// Grants leases to all who may have credit left; `median_chunk` is told to them.
  void feed(Time now, Duration median_chunk);

  /// Whether output waits that must leave before more is leased.
  bool output_blocked() const;
  /// Whether that is for its reader alone.
  bool output_unread() const;

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
  void feed(WorkerId id, Time now, Duration median_chunk);
  Next next_for(WorkerId id, Time now);
  /// For a worker that found nothing: another slot's work, computed twice if need be.
  std::optional<Lease> copy_for(WorkerId id, Time now);
  /// Likewise, for a job whose chunks must not be: asks for work back that has not been begun.
  void recall_for(WorkerId id, std::size_t free_slots, Time now);
  void ask_back(LeaseId lease, Time now) const;
  Work work_of(const Lease& lease) const;

  const CoordinatorParts parts_;
  LeaseSizer sizer_;
  std::vector<WorkerId> hungry_;   // may have credit left
  std::vector<WorkerId> feeding_;  // those of them being fed
  std::vector<WorkerId> idle_;     // found nothing to do
  std::uint64_t lease_count_ = 0;
  std::uint64_t copy_count_ = 0;
  Time first_lease_ = never;
};

}  // namespace taskrun
