// SPDX-License-Identifier: MIT
#include "taskrun/sim/simulation.hpp"

#include <algorithm>
#include <utility>

#include "taskrun/core/contract.hpp"

namespace taskrun {

Simulation::Simulation(const Job& job, const Grid& grid, SimOptions options, Sink& sink)
    : job_(job), grid_(grid), options_(std::move(options)), random_(options_.seed) {
  TASKRUN_EXPECT(!options_.workers.empty() && options_.workers.front().dies == never &&
                 options_.workers.front().stops == never);
  CoordinatorOptions coordinator = options_.coordinator;
  coordinator.worker_count = static_cast<std::uint32_t>(options_.workers.size());
  coordinator.keeps_records = options_.journal != nullptr;
  collector_ = make_collector(job_, grid_.chunk_count(), sink, options_.journal);
  coordinator_ = std::make_unique<Coordinator>(job_, grid_, *collector_, coordinator, now_);
  if (options_.journal) restore();
  for (std::size_t i = 0; i < options_.input.size(); ++i) {
    schedule(options_.input[i].at, Kind::input, 0, i);
  }
  nodes_.resize(options_.workers.size());
  for (std::uint32_t rank = 0; rank < nodes_.size(); ++rank) start_worker(rank);
  settle_coordinator();
}

Simulation::~Simulation() = default;

void Simulation::restore() {
  options_.journal->begin(grid_, {});
  options_.journal->restore(
      [this](ChunkRange chunks, ByteView payload) { coordinator_->restore(chunks, payload); });
}

// What an earlier run has seen counts only when all of it is there again.
void Simulation::take_input(const InputState& input) {
  const std::uint64_t seen = options_.journal ? options_.journal->input().item_count : 0;
  if (input.item_count >= seen) coordinator_->on_input(input);
  settle_coordinator();
}

void Simulation::start_worker(std::uint32_t rank) {
  Node& node = nodes_[rank];
  node.spec = options_.workers[rank];
  WorkerOptions worker;
  worker.rank = rank;
  worker.hello = {options_.coordinator.build,
                  options_.coordinator.job,
                  node.spec.slots,
                  {rank, 0},
                  "simulated"};
  const auto make_slots = [this, rank](const Grid&) -> Executor& {
    Node& self = nodes_[rank];
    self.slots = std::make_unique<VirtualSlots>(
        job_, grid_, self.spec.slots, self.spec.speed, options_.chunk_cost,
        [this, rank](Time at, std::uint64_t ticket) { schedule(at, Kind::slot, rank, ticket); });
    self.slots->set_now(now_);
    return *self.slots;
  };
  node.worker = std::make_unique<Worker>(worker, make_slots, now_);
  settle_worker(rank);
}

bool Simulation::run(std::uint64_t event_limit) {
  for (std::uint64_t i = 0; i < event_limit; ++i) {
    if (!step()) break;
  }
  return coordinator_->finished();
}

bool Simulation::step() {
  if (coordinator_->finished() || events_.empty()) return false;
  play(next_event());
  return true;
}

bool Simulation::run_workers_out(std::uint64_t event_limit) {
  for (; event_limit > 0 && !events_.empty(); --event_limit) {
    const Event event = next_event();
    const bool of_worker = event.kind == Kind::to_worker || event.kind == Kind::slot ||
                           event.kind == Kind::worker_timer;
    if (of_worker) play_worker(event);
  }
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [this](const Node& node) { return node.departed || node.spec.dies <= now_; });
}

Simulation::Event Simulation::next_event() {
  const Event event = events_.top();
  events_.pop();
  now_ = event.at;
  ++event_count_;
  return event;
}

void Simulation::play(const Event& event) {
  switch (event.kind) {
    case Kind::to_coordinator:
      coordinator_inbox_.push_back({event.rank, event.payload});
      if (coordinator_inbox_.size() == 1) serve_coordinator();
      break;
    case Kind::coordinator_free:
      serve_coordinator();
      break;
    case Kind::durable:
      options_.journal->write_next();
      coordinator_->on_durable(options_.journal->durable_count());
      settle_coordinator();
      break;
    case Kind::input:
      take_input(options_.input[event.payload].state);
      break;
    case Kind::coordinator_timer:
      if (event.at == coordinator_timer_) coordinator_timer_ = never;
      settle_coordinator();
      break;
    default:
      play_worker(event);
  }
}

// Handles what has come, one message at a time, as long as the coordinator is not busy with one.
void Simulation::serve_coordinator() {
  while (!coordinator_inbox_.empty() && coordinator_free_ <= now_) {
    const Letter letter = coordinator_inbox_.front();
    coordinator_inbox_.pop_front();
    coordinator_free_ = now_ + options_.coordinator_cost;
    hear(letter);
    settle_coordinator();
  }
  if (!coordinator_inbox_.empty()) schedule(coordinator_free_, Kind::coordinator_free, 0, 0);
}

// As a real rank does.
void Simulation::hear(const Letter& letter) {
  ToCoordinator message;
  try {
    message = decode_to_coordinator(fetch(letter.frame));
  } catch (const CorruptData& nonsense) {
    return coordinator_->on_nonsense(letter.from, nonsense.what(), now_);
  }
  if (std::holds_alternative<Goodbye>(message)) nodes_[letter.from].said_goodbye = true;
  coordinator_->on_message(letter.from, std::move(message), now_);
}

void Simulation::tell(std::uint32_t rank, const Frame& frame) {
  Worker& worker = *nodes_[rank].worker;
  try {
    worker.on_message(decode_to_worker(frame), now_);
  } catch (const CorruptData& nonsense) {
    worker.on_broken(nonsense.what(), Broken::Reach::run, now_);
  }
}

void Simulation::play_worker(const Event& event) {
  Node& node = nodes_[event.rank];
  Frame frame;
  if (event.kind == Kind::to_worker) frame = fetch(event.payload);
  if (now_ >= node.spec.dies) return;
  if (node.slots) node.slots->set_now(now_);
  if (event.kind == Kind::to_worker) {
    tell(event.rank, frame);
  } else if (event.kind == Kind::slot) {
    node.slots->on_slot(event.payload);
  } else if (event.at == node.timer) {
    node.timer = never;
  }
  settle_worker(event.rank);
}

void Simulation::settle_worker(std::uint32_t rank) {
  Node& node = nodes_[rank];
  if (node.departed) return;
  node.worker->on_tick(now_);
  node.worker->take_outbox(worker_outbox_);
  for (const ToCoordinator& message : worker_outbox_) post_to_coordinator(rank, message);
  node.departed = node.worker->finished() || node.worker->orphaned();
  const Time deadline =
      when_going(node.spec, std::max(node.worker->next_deadline(), now_ + Duration(1)));
  if (!node.departed && deadline < node.timer) {
    node.timer = deadline;
    schedule(deadline, Kind::worker_timer, rank, 0);
  }
}

void Simulation::settle_coordinator() {
  coordinator_->on_tick(now_);
  coordinator_->take_outbox(outbox_);
  for (auto& [to, message] : outbox_.messages) {
    sent_to_departed_ += nodes_[to].said_goodbye ? 1 : 0;
    post_to_worker(to, message);
  }
  if (outbox_.records) {
    options_.journal->record(std::move(*outbox_.records));
    schedule(now_ + options_.journal_latency, Kind::durable, 0, 0);
  }
  const Time deadline = std::max(coordinator_->next_deadline(), now_ + Duration(1));
  if (!coordinator_->finished() && deadline < coordinator_timer_) {
    coordinator_timer_ = deadline;
    schedule(deadline, Kind::coordinator_timer, 0, 0);
  }
}

void Simulation::post_to_coordinator(std::uint32_t from, const ToCoordinator& message) {
  Time& last = nodes_[from].last_to_coordinator;
  const bool twice =
      std::holds_alternative<Commit>(message) && uniform() < options_.duplicate_ratio;
  Frame frame = encode_message(message);
  if (twice) schedule(arrival(last), Kind::to_coordinator, from, store(frame));
  post(Kind::to_coordinator, from, last, std::move(frame));
}

void Simulation::post_to_worker(std::uint32_t to, const ToWorker& message) {
  post(Kind::to_worker, to, nodes_[to].last_to_worker, encode_message(message));
}

void Simulation::post(Kind direction, std::uint32_t rank, Time& last, Frame frame) {
  if (rank == 0) return schedule(std::max(last, now_), direction, 0, store(std::move(frame)));
  if (!options_.on_the_way) {
    return schedule(arrival(last), direction, rank, store(std::move(frame)));
  }
  const bool to_worker = direction == Kind::to_worker;
  for (Frame& said :
       options_.on_the_way(to_worker ? 0 : rank, to_worker ? rank : 0, std::move(frame))) {
    schedule(arrival(last), direction, rank, store(std::move(said)));
  }
}

Time Simulation::arrival(Time& last) {
  const auto jitter = static_cast<double>(options_.jitter.count());
  Duration takes = options_.latency;
  if (jitter > 0) takes += Duration(static_cast<std::int64_t>(uniform() * jitter));
  if (options_.delay_ratio > 0 && uniform() < options_.delay_ratio) takes += options_.delay;
  last = std::max(last, now_ + takes);
  return last;
}

void Simulation::schedule(Time at, Kind kind, std::uint32_t rank, std::uint64_t payload) {
  const bool for_worker = kind == Kind::to_worker || kind == Kind::slot;
  const Time happens = for_worker ? when_going(nodes_[rank].spec, at) : at;
  events_.push({happens, ++last_order_, payload, rank, kind});
}

Time Simulation::when_going(const SimWorker& worker, Time at) {
  if (at < worker.stops || worker.stops == never) return at;
  return std::max(at, worker.stops + worker.stopped_for);
}

std::uint64_t Simulation::store(Frame frame) {
  if (free_frames_.empty()) {
    frames_.push_back(std::move(frame));
    return frames_.size() - 1;
  }
  const std::uint64_t index = free_frames_.back();
  free_frames_.pop_back();
  frames_[index] = std::move(frame);
  return index;
}

Frame Simulation::fetch(std::uint64_t index) {
  free_frames_.push_back(index);
  return std::move(frames_[index]);
}

double Simulation::uniform() {
  // 53 random bits: the same on every machine.
  return static_cast<double>(random_() >> 11) * 0x1.0p-53;
}

}  // namespace taskrun
