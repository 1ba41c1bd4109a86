// SPDX-License-Identifier: MIT
// How much a worker gets at a time: how many leases, and how long each. The schedule's policy
// proposes a length; the end of the run's time and the room for output bound it. Part of the
// coordinator, and pure like it.
#pragma once

#include <cstdint>
#include <memory>

#include "taskrun/engine/roster.hpp"
#include "taskrun/engine/run_rules.hpp"
#include "taskrun/schedule/plan.hpp"
#include "taskrun/schedule/policy.hpp"

namespace taskrun {

class LeaseSizer {
 public:
  /// Rules, plan and roster outlive it. `output_budget_bytes`: for the output of all leases in
  /// flight; of a job that reduces it is without limit.
  LeaseSizer(const RunRules& rules, const Plan& plan, const Roster& roster,
             std::uint64_t output_budget_bytes)
      : rules_(rules),
        plan_(plan),
        roster_(roster),
        output_budget_bytes_(output_budget_bytes),
        policy_(make_policy(rules.schedule)) {}

  /// How many leases a worker should have in flight.
  std::uint32_t credit(const Member& member) const;
  /// How many chunks its next lease should have, while some are pending; 0: none can end in time.
  std::uint64_t next_length(const Member& member, Time now) const;
  /// So much more output has come of what is done.
  void note_output(std::uint64_t bytes) { output_bytes_ += bytes; }

  static constexpr std::uint64_t no_limit = UINT64_MAX;

 private:
  std::uint64_t longest_in_time(const Member& member, Time now) const;
  std::uint64_t longest_for_output() const;

  const RunRules& rules_;
  const Plan& plan_;
  const Roster& roster_;
  const std::uint64_t output_budget_bytes_;
  const std::unique_ptr<Policy> policy_;
  std::uint64_t output_bytes_ = 0;
};

}  // namespace taskrun
