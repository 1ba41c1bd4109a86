// SPDX-License-Identifier: MIT
#include "taskrun/engine/lease_sizer.hpp"

#include <algorithm>
#include <cmath>

namespace taskrun {
namespace {

// Leases in flight for each slot cover this much time: some message latencies where ranks poll
// every millisecond.
constexpr double prefetch_seconds = 2e-3;
// One runs, one waits: with fewer a slot would idle for a round trip between two leases.
constexpr std::uint32_t least_credit = 2;
constexpr std::uint32_t most_credit = 64;
// By how much a lease may take longer than expected.
constexpr double lease_overrun = 1.5;

}  // namespace

std::uint32_t LeaseSizer::credit(const Member& member) const {
  const std::uint32_t slots = member.account.slots;
  if (rules_.credit > 0) return rules_.credit * slots;
  if (rules_.schedule == Schedule::fixed) return slots;  // an equal share each, and no more
  // Of the little that has come nobody takes what he cannot begin at once.
  if (plan_.extent() == Extent::open && plan_.pending_count() < roster_.slot_count()) return slots;
  const double speed = roster_.speed_of(member);
  const double lease_seconds =
      speed > 0 ? static_cast<double>(member.last_length) / speed : prefetch_seconds;
  const double wanted = std::ceil(prefetch_seconds / lease_seconds) + 1;
  return slots * static_cast<std::uint32_t>(std::clamp<double>(wanted, least_credit, most_credit));
}

std::uint64_t LeaseSizer::next_length(const Member& member, Time now) const {
  const std::uint64_t in_time = longest_in_time(member, now);
  if (in_time == 0) return 0;
  LeaseRequest request;
  request.chunk_count = plan_.chunk_count();
  request.pending = plan_.pending_count();
  request.first = *plan_.next_pending();
  request.slot_count = roster_.slot_count();
  request.slot_speed = roster_.speed_of(member);
  request.total_speed = roster_.total_speed();
  request.measured = member.account.chunks;
  return std::min({policy_->lease_length(request), in_time, longest_for_output()});
}

std::uint64_t LeaseSizer::longest_in_time(const Member& member, Time now) const {
  if (rules_.stop_at == never) return no_limit;
  const double speed = roster_.speed_of(member);
  if (speed == 0) return no_limit;
  const double left = seconds(rules_.leases_end_at() - now);
  const double in_flight = static_cast<double>(plan_.lease_count(WorkerId{member.account.rank})) /
                           member.account.slots * static_cast<double>(member.last_length);
  const double chunks = left * speed / lease_overrun - in_flight;
  return chunks >= 0x1p63 ? no_limit : static_cast<std::uint64_t>(std::max(chunks, 0.0));
}

std::uint64_t LeaseSizer::longest_for_output() const {
  if (output_budget_bytes_ == no_limit) return no_limit;
  // Until chunks have shown how much they write, one at a time; then so many that all leases in
  // flight together fill a quarter of the budget.
  const std::uint64_t done = plan_.done_count();
  if (done == 0) return 1;
  const double chunk_bytes = static_cast<double>(output_bytes_) / static_cast<double>(done) + 1;
  const double budget = static_cast<double>(output_budget_bytes_) / 4;
  return std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(budget / (chunk_bytes * least_credit * roster_.slot_count())));
}

}  // namespace taskrun
