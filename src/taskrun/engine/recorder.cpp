// SPDX-License-Identifier: MIT
#include "taskrun/engine/recorder.hpp"

#include <algorithm>
#include <utility>

#include "taskrun/core/contract.hpp"

namespace taskrun {
namespace {

// Whatever a worker says: these are added up.
constexpr Duration longest_lease_busy = std::chrono::hours(24 * 365 * 50);

// What slots are at is recorded that often, and less where there are many.
constexpr Duration running_interval = std::chrono::seconds(1);
constexpr Duration running_cost = std::chrono::microseconds(10);  // of each lease
constexpr std::size_t most_running = 100;

}  // namespace

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

// Chunks that follow those that were told before.
void Recorder::add(const Running& running, const std::string& host, AttemptRecord attempt) {
  attempt.attempt = running.lease.attempt;
  attempt.worker = running.lease.worker.value;
  attempt.host = host;
  attempt.started = running.started.value_or(running.leased) + running.told;
  fresh_.attempts.push_back(std::move(attempt));
  anything_fresh_ = true;
}

void Recorder::on_lease(const Lease& lease, Time now) {
  if (keeps_)
    running_.emplace(lease.id, Running{lease, {}, {}, now, lease.chunks.begin, {}, {}, {}, 0});
  running_changed_ |= keeps_;
}

void Recorder::on_failure(const ChunkFailure& failure) {
  const auto running = running_.find(failure.lease);
  if (running == running_.end()) return;
  ChunkFailure told{failure.lease, failure.chunk, failure.error};
  told.end = failure.end;
  told.begun = failure.begun;
  told.busy = failure.busy;
  told.memory_bytes = failure.memory_bytes;
  told.memory_bytes_before = failure.memory_bytes_before;
  running->second.failures.push_back(std::move(told));
}

void Recorder::on_progress(const LeaseProgress& progress, const std::string& host, Time now) {
  const auto found = running_.find(progress.lease);
  if (found == running_.end()) return;
  Running& running = found->second;
  running.busy = std::min(running.busy + progress.busy, longest_lease_busy);
  if (!running.started) running.started = now - progress.busy;
  tell_failures(running, progress.next, host);
  running.memory_bytes = std::max(running.memory_bytes, progress.memory_bytes);
  if (!progress.ended) return;
  const Running last = std::move(running);
  running_.erase(found);
  running_changed_ = true;
  if (progress.next < last.next) return;  // the last that was begun has failed
  const ChunkRange done{last.next, progress.next};
  const ChunkRange left{progress.next, last.lease.chunks.end};
  const Duration busy = std::max(Duration::zero(), last.busy - last.told);
  if (!done.empty()) {
    add(last, host, {.chunks = done, .busy = busy, .memory_bytes = last.memory_bytes});
  }
  // Nobody has tried what a worker gave back before it came to it.
  if (done.empty() && !left.empty() && busy > Duration::zero()) {
    add(last, host,
        {.chunks = left,
         .busy = busy,
         .outcome = AttemptOutcome::ended,
         .memory_bytes = last.memory_bytes});
  }
}

// With what was computed before each. What was not reported went with the process that failed.
void Recorder::tell_failures(Running& running, std::uint64_t reported, const std::string& host) {
  for (ChunkFailure& failure : running.failures) {
    if (failure.chunk < running.next || failure.chunk >= running.lease.chunks.end) continue;
    const Duration before = std::max(Duration::zero(), failure.begun - running.told);
    if (failure.chunk > running.next) {
      const auto outcome = reported < failure.chunk ? AttemptOutcome::lost : AttemptOutcome::done;
      add(running, host,
          {.chunks = {running.next, failure.chunk},
           .busy = before,
           .outcome = outcome,
           .memory_bytes = std::max(running.memory_bytes, failure.memory_bytes_before)});
    }
    running.memory_bytes = 0;
    running.told += before;
    add(running, host,
        {.chunks = {failure.chunk, failure.chunk + 1},
         .busy = failure.busy,
         .outcome = AttemptOutcome::failed,
         .error = std::move(failure.error),
         .end = failure.end,
         .memory_bytes = failure.memory_bytes});
    running.told += failure.busy;
    running.next = failure.chunk + 1;
  }
  running.failures.clear();
}

void Recorder::on_lost(WorkerId worker, const std::string& host, const Plan& plan) {
  for (auto it = running_.begin(); it != running_.end();) {
    const auto lease = plan.find_lease(it->first);
    if (!lease || lease->worker != worker) {
      ++it;
      continue;
    }
    Running& last = it->second;
    const ChunkRange done{last.next, lease->chunks.begin};
    if (!done.empty()) {
      add(last, host,
          {.chunks = done, .busy = last.busy - last.told, .memory_bytes = last.memory_bytes});
    }
    last.told = last.busy;
    add(last, host, {.chunks = lease->chunks, .outcome = AttemptOutcome::lost});
    it = running_.erase(it);
    running_changed_ = true;
  }
}

// A worker's slots are at the first of its leases; the others wait.
void Recorder::look_at_running(const Roster& roster, Time now) {
  if (!running_changed_ || running_.empty() || now < next_running_) return;
  running_changed_ = false;
  next_running_ =
      now + running_interval + static_cast<Duration::rep>(running_.size()) * running_cost;
  std::vector<Running*> all;
  all.reserve(running_.size());
  for (auto& [id, running] : running_) all.push_back(&running);
  const auto order = [](const Running* r) { return std::pair(r->lease.worker.value, r->lease.id); };
  std::sort(all.begin(), all.end(),
            [&](const Running* a, const Running* b) { return order(a) < order(b); });
  std::vector<RunningRecord> records;
  std::uint32_t slots = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Running& running = *all[i];
    const WorkerId worker = running.lease.worker;
    const WorkerAccount& account = roster[worker].account;
    slots = i > 0 && all[i - 1]->lease.worker == worker ? slots + 1 : 1;
    if (slots > account.slots) continue;
    // Who waited for a slot began about now.
    if (!running.seen)
      running.seen = now - running.leased < 2 * running_interval ? running.leased : now;
    const Time since = running.started.value_or(*running.seen);
    records.push_back({{running.next, running.lease.chunks.end},
                       running.lease.attempt,
                       worker.value,
                       account.host,
                       since});
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.since < b.since; });
  if (records.size() > most_running) records.resize(most_running);
  fresh_.running = std::move(records);
  anything_fresh_ = true;
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
