// SPDX-License-Identifier: MIT
#include "taskrun/sim/virtual_slots.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace taskrun {
namespace {

// How long the real slots hold back results of a running lease.
constexpr Duration stretch = std::chrono::milliseconds(15);

}  // namespace

VirtualSlots::VirtualSlots(const Job& job, const Grid& grid, std::uint32_t slots, double speed,
                           const ChunkCost& cost, Schedule schedule)
    : job_(job),
      grid_(grid),
      speed_(speed),
      cost_(cost),
      schedule_(std::move(schedule)),
      slots_(slots) {}

void VirtualSlots::start(Work work) {
  for (Slot& slot : slots_) {
    if (!slot.busy) return begin_lease(slot, std::move(work));
  }
  queue_.push_back(std::move(work));
}

void VirtualSlots::cancel(LeaseId lease, Cancel how) {
  const auto waiting = std::find_if(queue_.begin(), queue_.end(),
                                    [&](const Work& work) { return work.lease == lease; });
  if (waiting != queue_.end()) {
    results_.progress.push_back({lease, waiting->chunks.begin, true, 0, Duration::zero()});
    queue_.erase(waiting);
    return;
  }
  if (how == Cancel::if_waiting) return;
  for (Slot& slot : slots_) {
    if (slot.busy && slot.work.lease == lease && !slot.cancelled) cancel_stretch(slot);
  }
}

void VirtualSlots::take_results(Results& out) {
  if (out.empty()) {
    std::swap(out, results_);
  } else {
    out.append(results_);
  }
  results_.clear();
}

void VirtualSlots::on_slot(std::uint64_t ticket) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                 [&](const Slot& s) { return s.busy && s.ticket == ticket; });
  if (slot == slots_.end()) return;
  compute(*slot);
  if (slot->cancelled || slot->next == slot->work.chunks.end) {
    slot->busy = false;
    serve_queue(*slot);
  } else {
    begin_stretch(*slot);
  }
}

Duration VirtualSlots::cost(std::uint64_t chunk) const {
  return Duration(static_cast<std::int64_t>(static_cast<double>(cost_(chunk).count()) / speed_));
}

void VirtualSlots::begin_lease(Slot& slot, Work work) {
  slot.busy = true;
  slot.cancelled = false;
  slot.next = work.chunks.begin;
  slot.work = std::move(work);
  slot.shipped = ByteReader(slot.work.shipped);
  begin_stretch(slot);
}

void VirtualSlots::begin_stretch(Slot& slot) {
  Duration length{};
  for (slot.end = slot.next; slot.end < slot.work.chunks.end && length < stretch; ++slot.end) {
    length += cost(slot.end);
  }
  slot.begun = now_;
  slot.ticket = ++last_ticket_;
  schedule_(now_ + length, slot.ticket);
}

// Goes on to the next border between chunks; the chunk it is in is thrown away.
void VirtualSlots::cancel_stretch(Slot& slot) {
  slot.cancelled = true;
  Time border = slot.begun;
  std::uint64_t chunk = slot.next;
  while (chunk < slot.end && border + cost(chunk) <= now_) border += cost(chunk++);
  const bool inside = chunk < slot.end;
  slot.end = chunk;
  slot.ticket = ++last_ticket_;
  schedule_(std::max(now_, inside ? border + cost(chunk) : border), slot.ticket);
}

// The slices of a stretch.
Bytes VirtualSlots::take_shipped(Slot& slot) {
  Bytes slices;
  if (slot.work.shipped.empty()) return slices;
  ByteWriter out(slices);
  for (auto chunk = slot.next; chunk < slot.end; ++chunk) out.put_sized(slot.shipped.take_sized());
  return slices;
}

void VirtualSlots::compute(Slot& slot) {
  const std::atomic<bool> stop = false;
  const std::uint64_t computed = slot.end - slot.next;
  const std::size_t reports = results_.progress.size();
  if (computed > 0) {
    const Work part{slot.work.lease, {slot.next, slot.end}, slot.work.attempt, take_shipped(slot)};
    ChunkRunner(job_, grid_).run(part, stop, results_, [](Results&) {});
    results_.progress.resize(reports);  // what was added tells of real time
    for (auto& failure : results_.failures) failure.begun = failure.busy = Duration::zero();
  }
  slot.next = slot.end;
  const bool ended = slot.cancelled || slot.next == slot.work.chunks.end;
  results_.progress.push_back({slot.work.lease, slot.next, ended, computed, now_ - slot.begun});
}

void VirtualSlots::serve_queue(Slot& slot) {
  if (queue_.empty()) return;
  Work work = std::move(queue_.front());
  queue_.erase(queue_.begin());
  begin_lease(slot, std::move(work));
}

}  // namespace taskrun
