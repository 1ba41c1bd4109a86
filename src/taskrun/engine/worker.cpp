// SPDX-License-Identifier: MIT
#include "taskrun/engine/worker.hpp"

#include <algorithm>
#include <utility>

namespace taskrun {

namespace {

// No coordinator wants to be heard as often as that, or as seldom.
constexpr Duration shortest_interval = std::chrono::milliseconds(1);
constexpr Duration longest_interval = std::chrono::minutes(1);
// Until the coordinator has said how often.
constexpr Duration first_heartbeat_interval = std::chrono::seconds(1);
// Silence of so many heartbeats means that nobody is there.
constexpr int orphaned_after_beats = 16;
// So much is not held back, whatever the coordinator wishes: memory stays bounded.
constexpr std::size_t most_held_bytes = std::size_t{4} << 20;

// Longer than anybody waits for a command to tidy up.
constexpr Duration longest_grace = std::chrono::hours(1);

// Whether somebody may wait for these: a failed chunk is tried again, the end of a lease makes room
// for the next one.
bool press(const Results& results) {
  return results.payloads.size() >= most_held_bytes || !results.failures.empty() ||
         std::any_of(results.progress.begin(), results.progress.end(),
                     [](const LeaseProgress& progress) { return progress.ended; });
}

}  // namespace

Worker::Worker(WorkerOptions options, MakeExecutor make_executor, Time now)
    : options_(std::move(options)),
      make_executor_(std::move(make_executor)),
      heartbeat_interval_(first_heartbeat_interval),
      orphaned_after_(options_.orphaned_after),
      heard_(now),
      spoken_(now),
      last_tick_(now) {
  account_.rank = options_.rank;
  account_.host = options_.hello.host;
  account_.slots = options_.hello.slots;
  send(options_.hello, now);
}

void Worker::on_message(ToWorker message, Time now) {
  heard_ = now;
  if (finished_) return;
  std::visit([&](auto& m) { on(m, now); }, message);
}

void Worker::on(Welcome& welcome, Time) {
  if (welcome.chunk_count == 0 && welcome.item_count > 0) {
    throw CorruptData("a grid that is none");
  }
  if (welcome.heartbeat_interval < shortest_interval ||
      welcome.heartbeat_interval > longest_interval || welcome.report_interval > longest_interval) {
    throw CorruptData("an interval that is none");
  }
  const Grid grid(welcome.item_count, welcome.chunk_count);
  if (executor_ != nullptr && grid.chunk_count() != chunk_count_) throw CorruptData("another grid");
  chunk_count_ = grid.chunk_count();
  heartbeat_interval_ = welcome.heartbeat_interval;
  orphaned_after_ = std::max(options_.orphaned_after, orphaned_after_beats * heartbeat_interval_);
  report_interval_ = welcome.report_interval;
  // A second welcome follows a silence that was taken for a loss; the executor is still there.
  if (executor_ == nullptr) executor_ = &make_executor_(grid);
}

void Worker::on(Grant& grant, Time) {
  if (retired_) return;  // it was on its way
  if (executor_ == nullptr) throw CorruptData("a grant before the welcome");
  for (const Work& work : grant.leases) {
    if (work.chunks.begin >= work.chunks.end || work.chunks.end > chunk_count_) {
      throw CorruptData("a lease outside the grid");
    }
  }
  executor_->know_median(grant.median_chunk);
  for (Work& work : grant.leases) executor_->start(std::move(work));
}

void Worker::on(Heartbeat& heartbeat, Time) {
  if (executor_ != nullptr) executor_->know_median(heartbeat.median_chunk);
}

void Worker::on(Withdraw& withdraw, Time) {
  if (retired_) return;
  if (executor_ == nullptr) throw CorruptData("a withdrawal before the welcome");
  for (const auto& item : withdraw.leases) executor_->cancel(item.lease, item.how);
}

void Worker::on(Finish& finish, Time now) {
  grace_ = std::clamp<Duration>(finish.grace, Duration::zero(), longest_grace);
  report(now);
  commit(now);
  send(Goodbye{account_}, now);
  finished_ = true;
}

// Whoever drives the worker watches the processes beside it, and reports their ends to it.
void Worker::on(Sibling&, Time) {}

void Worker::on_tick(Time now) {
  if (finished_) return;
  // A gap between two ticks is our own pause, not the coordinator's silence: a process that was
  // stopped and continued must read its messages before it judges.
  const Duration pause = now - last_tick_;
  if (pause > orphaned_after_ / 2) heard_ += pause;
  last_tick_ = now;
  report(now);
  if (now - spoken_ >= heartbeat_interval_) send(Alive{}, now);
  orphaned_ |= now - heard_ >= orphaned_after_;
}

void Worker::on_broken(const std::string& error, Broken::Reach reach, Time now) {
  if (std::exchange(retired_, true)) return;
  commit(now);
  send(Broken{error, reach}, now);
}

void Worker::on_sibling_ended(std::uint32_t rank, Time now) {
  if (!finished_) send(SiblingEnded{rank}, now);
}

void Worker::report(Time now) {
  if (executor_ == nullptr || retired_) return;
  executor_->take_results(results_);
  if (now >= next_report_ || press(results_)) commit(now);
}

void Worker::commit(Time now) {
  if (results_.empty()) return;
  next_report_ = now + report_interval_;
  for (const auto& progress : results_.progress) {
    account_.chunks += progress.computed;
    account_.busy += progress.busy;
  }
  send(Commit{std::exchange(results_, {})}, now);
}

Time Worker::next_deadline() const {
  const Time next = std::min(spoken_ + heartbeat_interval_, heard_ + orphaned_after_);
  return results_.empty() ? next : std::min(next, next_report_);
}

void Worker::send(ToCoordinator message, Time now) {
  spoken_ = now;
  outbox_.push_back(std::move(message));
}

}  // namespace taskrun
