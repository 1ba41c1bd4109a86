// SPDX-License-Identifier: MIT
#include "taskrun/engine/coordinator.hpp"

#include <algorithm>

#include "taskrun/core/contract.hpp"
#include "taskrun/exec/chunk_times.hpp"

namespace taskrun {
namespace {

// The beats are stretched so that they cost the coordinator a few per cent at most.
constexpr Duration beat_cost = std::chrono::microseconds(50);
// Likewise the reports of leases that go on: some microseconds each.
constexpr Duration report_cost = std::chrono::microseconds(20);
// For what did not end when it was asked to: to be ended, and for the word of that to arrive.
constexpr Duration end_slack = std::chrono::seconds(1);
// Nobody wonders before.
constexpr Duration worth_telling = std::chrono::seconds(1);
// Of one worker: more is a mistake.
constexpr std::uint32_t most_slots_of_one = 1 << 20;
// A worker that is cut off from its coordinator has ended itself by then.
constexpr Duration given_up_after = std::chrono::minutes(1);

Duration stretched(Duration interval, std::uint32_t workers) {
  return std::max<Duration>(interval, beat_cost * workers);
}

CoordinatorOptions stretched(CoordinatorOptions options) {
  const auto ratio = options.lost_after / options.heartbeat_interval;
  options.heartbeat_interval = stretched(options.heartbeat_interval, options.worker_count);
  options.lost_after = options.heartbeat_interval * ratio;
  return options;
}

}  // namespace

Coordinator::Coordinator(const Job& job, const Grid& grid, Collector& collector,
                         CoordinatorOptions options, Time now)
    : job_(job),
      grid_(grid),
      collector_(collector),
      options_(stretched(options)),
      plan_(grid.is_open_ended() ? 0 : grid.chunk_count(), options.retries),
      roster_(options.worker_count),
      recorder_(options.keeps_records ? Recorder::Keeps::records : Recorder::Keeps::nothing,
                options.record_interval),
      parts_{job_, grid_, options_, collector_, plan_, roster_, recorder_, outbox_},
      feeder_(parts_),
      intake_(parts_),
      stalls_(options_, now),
      started_(now),
      last_commit_(now),
      last_tick_(now),
      next_beat_(now + options_.heartbeat_interval) {
  TASKRUN_EXPECT(options.worker_count > 0);
  if (grid.is_open_ended()) plan_.grow(0, Extent::open);
}

void Coordinator::on_input(const InputState& input) {
  TASKRUN_EXPECT(grid_.is_open_ended());
  plan_.grow(input.item_count, input.ended ? Extent::ended : Extent::open);
  recorder_.on_input(input);
}

// --- what workers say

void Coordinator::on_message(std::uint32_t from, ToCoordinator message, Time now) {
  TASKRUN_EXPECT(from < roster_.size());
  try {
    take(WorkerId{from}, message, now);
  } catch (const CorruptData& nonsense) {
    on_nonsense(from, nonsense.what(), now);
  }
}

// One rank that is sick, or lies, must not end the run of all.
void Coordinator::on_nonsense(std::uint32_t from, const std::string& what, Time now) {
  TASKRUN_EXPECT(from < roster_.size());
  const WorkerId id{from};
  const Member::State state = roster_[id].state;
  if (state == Member::State::left) return;
  const std::string why = "said what makes no sense (" + what + ") and is no longer listened to";
  if (state == Member::State::joined) lose(id, Loss::ended, why);
  if (state != Member::State::joined || roster_.joined_count() == 0) {
    parts_.tell(Level::warning, named(id) + " " + why);
  }
  roster_.leave(id);
  expect_workers(named(id) + " " + why, now);
}

void Coordinator::take(WorkerId id, ToCoordinator& message, Time now) {
  Member& worker = roster_[id];
  if (worker.state == Member::State::left) return;
  if (worker.state == Member::State::retired && !std::holds_alternative<Goodbye>(message)) return;
  const bool introduces_itself =
      std::holds_alternative<Hello>(message) || std::holds_alternative<Refused>(message);
  if (worker.state == Member::State::expected && !introduces_itself) return;
  worker.heard = now;
  worker.last_word = name_of(message);
  if (worker.state == Member::State::lost) join(id, now);
  std::visit([&](auto& m) { on(id, m, now); }, message);
}

void Coordinator::on(WorkerId from, Hello& hello, Time now) {
  Member& worker = roster_[from];
  if (worker.state != Member::State::expected) return;
  if (hello.build != options_.build) {
    roster_.leave(from);
    return refuse("rank " + std::to_string(from.value) + " on host " + hello.host +
                      " runs another build of this program than rank 0; "
                      "install the same one on all hosts",
                  now);
  }
  if (hello.job != options_.job) {
    roster_.leave(from);
    return refuse("rank " + std::to_string(from.value) + " on host " + hello.host +
                      " was started with another job or other job options than rank 0",
                  now);
  }
  if (hello.slots == 0 || hello.slots > most_slots_of_one) throw CorruptData("a number of slots");
  worker.account.rank = from.value;
  worker.account.host = hello.host;
  worker.account.slots = hello.slots;
  worker.process = hello.process;
  parts_.send(from,
              Welcome{grid_.item_count(), grid_.chunk_count(), options_.heartbeat_interval,
                      options_.process, report_cost * options_.worker_count},
              now);
  join(from, now);
  introduce(from, now);
  parts_.tell(Level::debug, "rank " + std::to_string(from.value) + " on " + hello.host + " (pid " +
                                std::to_string(hello.process.pid) + ") joined with " +
                                std::to_string(hello.slots) + " slots");
}

void Coordinator::on(WorkerId from, Refused& refused, Time now) {
  if (roster_[from].state != Member::State::expected) return;
  roster_.leave(from);
  refuse("rank " + std::to_string(from.value) + " on host " + refused.host + ": " + refused.why,
         now);
}

void Coordinator::on(WorkerId from, Commit& commit, Time now) {
  if (state_ != State::running && state_ != State::draining) return;
  feeder_.note_output(intake_.take(from, commit.results, now));
  last_commit_ = now;
  stalls_.on_chunks(now);
  feeder_.note_hungry(from);
}

void Coordinator::on(WorkerId, Alive&, Time) {}

void Coordinator::on(WorkerId from, Broken& broken, Time now) {
  if (broken.reach == Broken::Reach::run) {
    return fail_run("rank " + std::to_string(from.value) + " on host " +
                        roster_[from].account.host + ": " + broken.error,
                    now);
  }
  // Whatever it was computing counts against its chunks, as after a death.
  lose(from, Loss::ended, "computes no more: " + broken.error);
  roster_.retire(from);
  const auto successors =
      broken.reach == Broken::Reach::worker ? Successors::help : Successors::meet_the_same;
  expect_workers(broken.error, now, successors);
}

// When the run is over everybody ends.
void Coordinator::on(WorkerId from, SiblingEnded& ended, Time now) {
  if (state_ != State::running && state_ != State::draining) return;
  const std::uint64_t machine = roster_[from].process.machine;
  if (ended.rank >= roster_.size() || ended.rank == from.value || machine == 0 ||
      machine == options_.process.machine ||
      roster_[WorkerId{ended.rank}].process.machine != machine) {
    throw CorruptData("the end of a rank that is no sibling");
  }
  on_worker_died(ended.rank, now);
}

void Coordinator::on(WorkerId from, Goodbye& goodbye, Time) {
  const Member& worker = roster_[from];
  const bool early = state_ == State::running || state_ == State::draining;
  if (early && worker.state != Member::State::retired) throw CorruptData("an early goodbye");
  goodbye.account.rank = from.value;
  goodbye.account.slots = worker.account.slots;
  roster_[from].account = goodbye.account;
  roster_.leave(from);
}

// --- leases

void Coordinator::on_tick(Time now) {
  if (state_ == State::finished) return;
  // A gap is our own pause (the process was stopped, the machine slept): nobody is lost for it.
  const Duration pause = now - last_tick_;
  if (pause > options_.lost_after / 2) {
    roster_.forgive(pause);
    recorder_.forgive(pause);
    stalls_.forgive(pause);
  }
  last_tick_ = now;
  if (state_ == State::running) go_on(now);
  if (state_ == State::draining) {
    keep_alive(now);
    end_when_done(now);
  }
  if (state_ == State::finishing && (roster_.everybody_left() || now >= goodbyes_until_)) {
    state_ = State::finished;
  }
}

void Coordinator::go_on(Time now) {
  keep_alive(now);
  if (state_ != State::running) return;
  // Not before it is sure that they are of this input.
  if (job_.emits() && intake_.restored_end() <= plan_.chunk_count()) {
    collector_.write_restored(options_.output_budget_bytes);
  }
  if (recorder_.due(now)) record(now);
  if (roster_.expected_count() > 0 && now - started_ >= options_.hello_deadline) {
    fail_run(std::to_string(roster_.expected_count()) + " of " + std::to_string(roster_.size()) +
                 " ranks did not start within " +
                 std::to_string(static_cast<int>(seconds(options_.hello_deadline))) + " s",
             now);
  } else if (plan_.complete()) {
    if (!collector_.has_restored()) end_when_done(now);
  } else if (too_many_failed()) {
    drain(RunEnd::too_many_failed, now);
  } else if (now >= options_.leases_end_at()) {
    drain(RunEnd::stopped, now);
  } else {
    feeder_.feed(now, median_chunk_);
  }
}

bool Coordinator::too_many_failed() const {
  return plan_.failed_count() > options_.failures_tolerated ||
         static_cast<double>(plan_.failed_count()) >
             options_.failure_ratio_tolerated * static_cast<double>(plan_.chunk_count());
}

void Coordinator::record(Time now) {
  Progress all = progress(now);
  all.chunks_done = plan_.done_count();
  all.items_done = intake_.items_done();
  recorder_.look_at_running(roster_, now);
  if (auto records = recorder_.next(collector_, all, now)) outbox_.records = std::move(records);
}

// --- who is there

void Coordinator::keep_alive(Time now) {
  if (now < next_beat_) return;
  next_beat_ = now + options_.heartbeat_interval;
  median_chunk_ = ChunkTimes::median_of(intake_.chunk_times());
  look_for_stalls(now);
  expect_workers("nothing has been heard of the last for long", now);
  for (std::uint32_t rank = 0; rank < roster_.size(); ++rank) {
    const WorkerId id{rank};
    const Member& worker = roster_[id];
    const bool retired = worker.state == Member::State::retired;
    if (worker.state != Member::State::joined && !retired) continue;
    if (!retired && now - worker.heard >= options_.lost_after) {
      lose(id, Loss::silent,
           "has been silent for " + std::to_string(static_cast<int>(seconds(now - worker.heard))) +
               " s");
    } else if (now - worker.spoken >= options_.heartbeat_interval) {
      parts_.send(id, Heartbeat{median_chunk_}, now);
    }
  }
}

void Coordinator::look_for_stalls(Time now) {
  // Output that nobody reads, or results on their way to the disk, are not the workers' fault, and
  // neither is an input that keeps us waiting. That output waits for a chunk in their hands is.
  const bool nothing_to_do = plan_.pending_count() == 0 && plan_.lease_count() == 0;
  if (feeder_.output_unread() || collector_.has_restored() || recorder_.in_flight() ||
      (plan_.extent() == Extent::open && nothing_to_do)) {
    stalls_.excuse_chunks(now);
  }
  on_alarm(stalls_.look_at_chunks(now), now);
  on_alarm(stalls_.look_at_journal(recorder_, now), now);
}

void Coordinator::on_alarm(const StallWatch::Alarm& alarm, Time now) {
  if (alarm.tell.empty()) return;
  auto lines = state_of_all(plan_, roster_, now);
  lines.front() = alarm.tell + ": " + lines.front();
  for (std::string& line : lines) parts_.tell(Level::warning, std::move(line));
  if (!alarm.end.empty()) fail_run(alarm.end, now);
}

void Coordinator::on_worker_died(std::uint32_t rank, Time now) {
  TASKRUN_EXPECT(rank < roster_.size());
  const WorkerId id{rank};
  if (roster_[id].state == Member::State::joined) lose(id, Loss::ended, "has ended");
  roster_.leave(id);
  expect_workers(named(id) + " was the last, and has ended", now);
}

void Coordinator::lose(WorkerId id, Loss loss, const std::string& why) {
  roster_.lose(id);
  ++lost_count_;
  recorder_.on_lost(id, roster_[id].account.host, plan_);
  const auto given_up = plan_.remove_worker(id, loss);
  if (roster_.joined_count() > 0) {
    parts_.tell(Level::warning, named(id) + " " + why + "; its chunks go to others");
  }
  for (const std::uint64_t chunk : given_up) {
    const std::string error = std::to_string(Plan::most_deaths) +
                              " workers ended while they computed it, the last was " + named(id);
    intake_.give_up({{}, chunk, error, {}}, static_cast<std::uint32_t>(Plan::most_deaths));
  }
}

void Coordinator::expect_workers(const std::string& why, Time now, Successors successors) {
  if (state_ != State::running || plan_.complete()) return;
  if (roster_.joined_count() + roster_.expected_count() > 0) return;
  if (roster_.any_may_return(now - given_up_after)) return;
  workers_gone_ = successors == Successors::help;
  fail_run("nobody is left to compute: " + why, now);
}

std::string Coordinator::named(WorkerId id) const {
  const std::string& host = roster_[id].account.host;
  return "rank " + std::to_string(id.value) + (host.empty() ? "" : " on " + host);
}

void Coordinator::join(WorkerId id, Time now) {
  roster_.join(id, now);
  plan_.add_worker(id, roster_[id].account.slots);
  feeder_.note_hungry(id);
}

void Coordinator::introduce(WorkerId newcomer, Time now) {
  const ProcessName process = roster_[newcomer].process;
  if (process.machine == 0 || process.machine == options_.process.machine) return;
  for (std::uint32_t rank = 0; rank < roster_.size(); ++rank) {
    const WorkerId other{rank};
    const Member& member = roster_[other];
    const bool beside = member.process.machine == process.machine && other != newcomer;
    if (!beside || member.state == Member::State::left) continue;
    parts_.send(other, Sibling{newcomer.value, process}, now);
    parts_.send(newcomer, Sibling{rank, member.process}, now);
  }
}

// --- the end

void Coordinator::on_drain(Time now) {
  if (state_ == State::running) drain(RunEnd::stopped, now);
}

void Coordinator::drain(RunEnd why, Time now) {
  ended_ = why;
  state_ = State::draining;
  drain_until_ = now + options_.stop_grace;
  withdraw_all(Cancel::if_waiting, now);
}

void Coordinator::withdraw_all(Cancel how, Time now) {
  std::vector<Withdraw> unwanted(roster_.size());
  for (const Lease& lease : plan_.leases()) {
    unwanted[lease.worker.value].leases.push_back({lease.id, how});
  }
  for (std::uint32_t rank = 0; rank < roster_.size(); ++rank) {
    if (!unwanted[rank].leases.empty()) parts_.send(WorkerId{rank}, std::move(unwanted[rank]), now);
  }
}

// What counts must be durable first.
void Coordinator::end_when_done(Time now) {
  const bool running = state_ == State::draining && plan_.lease_count() > 0;
  if (running && now >= drain_until_ && options_.end_grace > Duration::zero()) {
    if (running_asked_ == never) ask_running_to_end(now);
  }
  const bool done =
      plan_.complete() || (state_ == State::draining && (!running || now >= drain_until_));
  if (!done) {
    if (running && now >= tell_asked_) tell_of_running();
    if (recorder_.due(now)) record(now);
    return;
  }
  record(now);
  if (recorder_.all_durable()) finish(now, Duration::zero());
}

void Coordinator::ask_running_to_end(Time now) {
  running_asked_ = now;
  tell_asked_ = now + worth_telling;
  drain_until_ = now + options_.end_grace + end_slack;
  if (options_.stop_at != never) drain_until_ = std::clamp(options_.stop_at, now, drain_until_);
  withdraw_all(Cancel::now, now);
}

void Coordinator::tell_of_running() {
  tell_asked_ = never;
  parts_.tell(
      Level::warning,
      "what still runs was asked to end, and is ended at the latest in " +
          std::to_string(std::chrono::ceil<std::chrono::seconds>(options_.end_grace).count()) +
          " s (--grace); a second Ctrl-C ends it at once");
}

void Coordinator::on_stop(Time now) {
  if (state_ != State::running && state_ != State::draining) return;
  ended_ = RunEnd::stopped;
  finish(now, Duration::zero());
}

void Coordinator::on_failure(Time now) {
  if (state_ != State::running && state_ != State::draining) return;
  ended_ = RunEnd::stopped;
  finish(now, options_.end_grace);
}

// Also when the others were done before its hello came: whether a run is refused must not depend on
// who is faster.
void Coordinator::refuse(const std::string& why, Time now) {
  if (!error_) error_ = environment_error(why);
  on_failure(now);
}

void Coordinator::fail_run(const std::string& why, Time now) {
  if (error_ || state_ == State::finishing || state_ == State::finished) return;
  error_ = environment_error(why);
  finish(now, options_.end_grace);
}

void Coordinator::finish(Time now, Duration grace) {
  state_ = State::finishing;
  goodbyes_until_ = now + options_.goodbye_deadline;
  for (std::uint32_t rank = 0; rank < roster_.size(); ++rank) {
    parts_.send(WorkerId{rank}, Finish{grace}, now);
  }
}

Time Coordinator::next_deadline() const {
  if (state_ == State::finished) return never;
  if (state_ == State::finishing) return goodbyes_until_;
  Time next = std::min(next_beat_, recorder_.next_deadline());
  if (state_ == State::draining) return std::min({next, drain_until_, tell_asked_});
  next = std::min(next, options_.leases_end_at());
  if (roster_.expected_count() > 0) next = std::min(next, started_ + options_.hello_deadline);
  return next;
}

Progress Coordinator::progress(Time now) const {
  Progress progress;
  const Recorder::Done done = recorder_.keeps_records()
                                  ? recorder_.durable()
                                  : Recorder::Done{plan_.done_count(), intake_.items_done()};
  progress.chunks_done = done.chunks;
  progress.chunks_failed = plan_.failed_count();
  progress.extent = plan_.extent();
  progress.chunk_count = plan_.chunk_count();
  progress.items_done = done.items;
  progress.items_restored = intake_.items_restored();
  progress.item_count = grid_.border(plan_.chunk_count());
  progress.worker_count = roster_.joined_count();
  progress.slot_count = roster_.slot_count();
  progress.elapsed = now - started_;
  return progress;
}

Account Coordinator::account() const {
  Account account;
  account.ranks = roster_.size();
  account.workers_lost = lost_count_;
  account.chunks_computed = intake_.computed_count();
  account.chunks_failed = plan_.failed_count();
  account.failed = intake_.failed();
  account.longest_chunk = intake_.longest_chunk();
  account.extent = plan_.extent();
  account.chunk_count = plan_.chunk_count();
  account.item_count = grid_.border(plan_.chunk_count());
  account.leases = feeder_.lease_count();
  account.lease_copies = feeder_.copy_count();
  const Time began = feeder_.first_lease();
  account.wall = began == never ? Duration::zero() : last_commit_ - began;
  for (const Member& worker : roster_.all()) {
    if (worker.state != Member::State::expected) account.workers.push_back(worker.account);
  }
  if (!account.workers.empty()) account.coordinator_busy = account.workers.front().communication;
  return account;
}

}  // namespace taskrun
