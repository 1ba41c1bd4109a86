// SPDX-License-Identifier: MIT
#include "taskrun/engine/recorder.hpp"

#include <utility>

#include "taskrun/core/contract.hpp"

namespace taskrun {

void Recorder::on_event(const Event& event) {
  if (!keeps_) return;
  fresh_.events.push_back(event);
  anything_fresh_ = true;
}

// All that is done lies in what was read, so the latest state is enough. What alone was read need
// not be kept; the end is.
void Recorder::on_input(const InputState& input) {
  if (!keeps_) return;
  fresh_.input = input;
  anything_fresh_ |= input.ended;
}

void Recorder::on_given_up(const FailedChunk& failed) {
  if (!keeps_) return;
  fresh_.failed.push_back(failed);
  anything_fresh_ = true;
}

void Recorder::add(AttemptRecord attempt) {
  fresh_.attempts.push_back(std::move(attempt));
  anything_fresh_ = true;
}

void Recorder::on_lease(const Lease& lease, Time now) {
  if (keeps_) running_.emplace(lease.id, Running{now, lease.chunks.begin, {}});
}

void Recorder::on_failure(const Lease& lease, const ChunkFailure& failure, std::uint32_t attempts,
                          const std::string& host) {
  if (!keeps_) return;
  add({{failure.chunk, failure.chunk + 1},
       attempts,
       lease.worker.value,
       host,
       running_[failure.lease].started,
       {},
       AttemptOutcome::failed,
       failure.error});
}

void Recorder::on_progress(const std::optional<Lease>& lease, const LeaseProgress& progress,
                           const std::string& host) {
  const auto running = running_.find(progress.lease);
  if (running == running_.end()) return;
  running->second.busy += progress.busy;
  if (!progress.ended) return;
  const Running all = running->second;
  running_.erase(running);
  if (!lease || progress.next < all.begin) return;
  const bool whole = progress.next == lease->chunks.end;
  add({{all.begin, lease->chunks.end},
       lease->attempt,
       lease->worker.value,
       host,
       all.started,
       all.busy,
       whole ? AttemptOutcome::done : AttemptOutcome::ended,
       {}});
}

void Recorder::on_lost(WorkerId worker, const std::string& host, const Plan& plan) {
  for (auto it = running_.begin(); it != running_.end();) {
    const auto lease = plan.find_lease(it->first);
    if (!lease || lease->worker != worker) {
      ++it;
      continue;
    }
    const Running& all = it->second;
    add({lease->chunks,
         lease->attempt,
         worker.value,
         host,
         all.started,
         all.busy,
         AttemptOutcome::lost,
         {}});
    it = running_.erase(it);
  }
}

std::optional<Records> Recorder::next(Collector& collector, const Progress& progress, Time now) {
  next_ = now + interval_;
  if (!anything_fresh_ || in_flight_) return std::nullopt;
  collector.take_fresh(fresh_.pieces);
  fresh_.progress = progress;
  in_flight_since_ = now;
  in_flight_ = Done{progress.chunks_done, progress.items_done};
  anything_fresh_ = false;
  return std::exchange(fresh_, {});
}

void Recorder::on_durable(std::uint64_t count) {
  if (count == durable_count_) return;
  TASKRUN_EXPECT(count == durable_count_ + 1 && in_flight_);
  durable_count_ = count;
  durable_ = *std::exchange(in_flight_, std::nullopt);
}

}  // namespace taskrun
