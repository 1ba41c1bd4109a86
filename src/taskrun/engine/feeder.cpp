// SPDX-License-Identifier: MIT
#include "taskrun/engine/feeder.hpp"

#include <algorithm>
#include <utility>

namespace taskrun {

Feeder::Feeder(const CoordinatorParts& parts)
    : parts_(parts),
      sizer_(parts.options, parts.plan, parts.roster,
             parts.job.emits() ? parts.options.output_budget_bytes : LeaseSizer::no_limit) {}

void Feeder::note_hungry(WorkerId worker) {
  if (!std::exchange(parts_.roster[worker].hungry, true)) hungry_.push_back(worker);
}

void Feeder::feed(Time now, Duration median_chunk) {
  Roster& roster = parts_.roster;
  // Equal shares need to know all slots first.
  if (parts_.options.schedule == Schedule::fixed && roster.expected_count() > 0) return;
  if (parts_.plan.take_new_work() || (!idle_.empty() && parts_.job.emits())) wake_idle();
  // Feeding may show new work (a copy for those who found nothing); they get it at the next tick.
  std::swap(hungry_, feeding_);
  hungry_.clear();
  if (parts_.job.has_effects()) {
    // What was asked back is for those with free slots, not for who gave it.
    std::stable_partition(feeding_.begin(), feeding_.end(), [&](WorkerId id) {
      return parts_.plan.lease_count(id) < roster[id].account.slots;
    });
  }
  for (const WorkerId id : feeding_) {
    roster[id].hungry = false;
    if (roster[id].state == Member::State::joined) feed(id, now, median_chunk);
  }
}

void Feeder::wake_idle() {
  for (const WorkerId id : idle_) {
    parts_.roster[id].idle = false;
    note_hungry(id);
  }
  idle_.clear();
}

void Feeder::feed(WorkerId id, Time now, Duration median_chunk) {
  Member& worker = parts_.roster[id];
  Grant grant;
  Next next = next_for(id, now);
  for (; next.what == Next::What::lease; next = next_for(id, now)) {
    ++lease_count_;
    parts_.recorder.on_lease(*next.lease, now);
    grant.leases.push_back(work_of(*next.lease));
  }
  if (!grant.leases.empty()) {
    first_lease_ = std::min(first_lease_, now);
    worker.fed = now;
    grant.median_chunk = median_chunk;
    parts_.send(id, std::move(grant), now);
  }
  if (next.what == Next::What::nothing && !std::exchange(worker.idle, true)) idle_.push_back(id);
}

Feeder::Next Feeder::next_for(WorkerId id, Time now) {
  Member& worker = parts_.roster[id];
  const std::size_t in_flight = parts_.plan.lease_count(id);
  if (parts_.plan.pending_count() > 0) {
    if (output_blocked()) return {Next::What::nothing};
    if (in_flight >= sizer_.credit(worker)) return {Next::What::enough};
    const std::uint64_t length = sizer_.next_length(worker, now);
    if (length == 0) return {Next::What::enough};
    worker.last_length = length;
    if (auto lease = parts_.plan.lease(id, length)) return {Next::What::lease, lease};
  }
  if (in_flight >= worker.account.slots) return {Next::What::enough};
  if (parts_.job.has_effects()) {
    recall_for(id, worker.account.slots - in_flight, now);
  } else if (auto lease = copy_for(id, now)) {
    return {Next::What::lease, lease};
  }
  return {Next::What::nothing};
}

std::optional<Lease> Feeder::copy_for(WorkerId id, Time now) {
  const auto copy = parts_.plan.copy(id);
  if (!copy) return std::nullopt;
  ++copy_count_;
  // Who has not started yet may as well leave it to us.
  if (copy->waiting) ask_back(copy->original, now);
  return copy->lease;
}

void Feeder::recall_for(WorkerId id, std::size_t free_slots, Time now) {
  for (; free_slots > 0; --free_slots) {
    const auto waiting = parts_.plan.take_waiting(id);
    if (!waiting) return;
    ask_back(*waiting, now);
  }
}

void Feeder::ask_back(LeaseId lease, Time now) const {
  const auto living = parts_.plan.find_lease(lease);
  if (living) parts_.send(living->worker, Withdraw{{{lease, Cancel::if_waiting}}}, now);
}

Work Feeder::work_of(const Lease& lease) const {
  Work work{lease.id, lease.chunks, lease.attempt, {}};
  const bool to_all = parts_.options.ship_to_all || parts_.grid.is_open_ended();
  if (!parts_.job.ships() || (lease.worker.value == 0 && !to_all)) return work;
  Bytes slice;
  ByteWriter shipped(work.shipped);
  for (std::uint64_t chunk = lease.chunks.begin; chunk < lease.chunks.end; ++chunk) {
    slice.clear();
    parts_.job.ship(parts_.grid.items(chunk), slice);
    shipped.put_sized(slice);
  }
  return work;
}

bool Feeder::output_unread() const {
  return parts_.job.emits() &&
         parts_.collector.leaving_bytes() >= parts_.options.output_budget_bytes;
}

bool Feeder::output_blocked() const {
  if (!parts_.job.emits()) return false;
  if (output_unread()) return true;
  const std::uint64_t all = parts_.collector.leaving_bytes() + parts_.collector.waiting_bytes();
  if (all < parts_.options.output_budget_bytes) return false;
  // Whatever the output waits for must be computed all the same.
  return parts_.plan.next_pending() != parts_.collector.next_chunk();
}

}  // namespace taskrun
