// SPDX-License-Identifier: MIT
#include "taskrun/engine/rank.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "taskrun/core/divided_up.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/engine/idle_wait.hpp"
#include "taskrun/exec/isolated_runner.hpp"
#include "taskrun/os/host_name.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

constexpr Duration progress_interval = std::chrono::milliseconds(100);
// The death of a rank on this machine is noticed that late, and a request to stop.
constexpr Duration look_interval = std::chrono::milliseconds(40);
// How long slots may take to notice the end.
constexpr Duration stop_deadline = std::chrono::milliseconds(200);

// Whether the run can go on without this worker.
Broken::Reach reach_of(const std::exception_ptr& trouble) {
  try {
    std::rethrow_exception(trouble);
  } catch (const HelpersGone&) {
    return Broken::Reach::worker;
  } catch (const SlotsShort&) {
    return Broken::Reach::host;
  } catch (...) {
    return Broken::Reach::run;
  }
}

Duration processor_time_of_this() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

// As many leaves as a reduction tree takes; and an open-ended grid counts more.
Grid cut(std::uint64_t item_count, std::uint64_t chunk_count, const std::string& remedy) {
  constexpr std::uint64_t most_chunks = std::uint64_t{1} << 63;
  if (chunk_count <= most_chunks) return chunk_it(item_count, chunk_count);
  throw usage_error(std::to_string(chunk_count) +
                    " chunks are too many, at most 2^63 can be: " + remedy);
}

}  // namespace

Grid make_grid(const DatasetSize& size, const RunOptions& options) {
  if (size.is_open_ended) {
    if (options.chunk_count == 0 && options.chunk_size <= 1) return Grid::open_ended();
    throw usage_error(
        "the end of the input is not known, so each of its items is a chunk: leave out --chunks "
        "and "
        "--chunk-size");
  }
  if (options.chunk_count > 0) {
    if (options.chunk_count > size.item_count) {
      throw usage_error("--chunks " + std::to_string(options.chunk_count) +
                        " is more than the dataset has items; " +
                        (size.item_count == 0 ? "it is empty: leave out --chunks"
                                              : "give at most " + std::to_string(size.item_count)));
    }
    return cut(size.item_count, options.chunk_count, "give fewer --chunks");
  }
  if (options.chunk_size > 0) {
    return cut(size.item_count, divided_up(size.item_count, options.chunk_size),
               "give a larger --chunk-size");
  }
  return cut(size.item_count, size.chunk_count, "give a --chunk-size");
}

Rank::Rank(Transport& transport, Wakeup& wakeup, Job& job, const RunOptions& options, Sink& sink,
           RunObserver& observer)
    : transport_(transport),
      wakeup_(wakeup),
      job_(job),
      options_(options),
      sink_(sink),
      observer_(observer) {}

Rank::~Rank() = default;

void Rank::begin() {
  const Time now = steady_now();
  if (transport_.rank() == 0) {
    CoordinatorOptions options{options_};
    options.worker_count = transport_.size();
    options.process = this_process();
    options.keeps_records = options_.journal != nullptr;
    options.ship_to_all = options_.zygote != nullptr;
    Grid grid;
    try {
      grid = make_grid(job_.open(), options_);
      if (options_.journal) options_.journal->begin(grid, job_.inputs());
      collector_ = make_collector(job_, grid.chunk_count(), sink_, options_.journal);
    } catch (...) {
      trouble_ = std::current_exception();
      collector_ = make_collector(job_, 0, sink_);
    }
    // Also a run that cannot begin has a coordinator: it ends the other ranks.
    coordinator_ = std::make_unique<Coordinator>(job_, grid, *collector_, options, now);
    if (trouble_) {
      coordinator_->on_stop(now);
    } else {
      if (options_.journal) restore();
      if (grid.is_open_ended()) open_input();
    }
  }
  WorkerOptions options;
  options.rank = transport_.rank();
  options.hello = {options_.build, options_.job, options_.slots, this_process(), host_name()};
  worker_ = std::make_unique<Worker>(
      options, [this](const Grid& grid) -> Executor& { return make_executor(grid); }, now);
}

void Rank::restore() {
  try {
    options_.journal->restore(
        [this](ChunkRange chunks, ByteView payload) { coordinator_->restore(chunks, payload); });
  } catch (...) {
    on_trouble(std::current_exception(), steady_now());
  }
}

void Rank::open_input() {
  input_ = job_.read_input(wakeup_, options_.journal ? options_.journal->input() : InputState{});
}

void Rank::take_input() {
  const InputState now = input_->state();
  if (now == taken_) return;
  taken_ = now;
  coordinator_->on_input(now);
}

void Rank::join_job() {
  try {
    job_.join();
  } catch (const Shortage& shortage) {
    throw SlotsShort(shortage.what());
  }
}

Executor& Rank::make_executor(const Grid& grid) {
  grid_ = grid;
  if (options_.zygote != nullptr) {
    slots_ = std::make_unique<SlotPool>(isolated_runners(*options_.zygote, grid_, options_.slots),
                                        wakeup_);
  } else {
    if (!coordinator_) join_job();
    slots_ = std::make_unique<SlotPool>(thread_runners(job_, grid_, options_.slots, options_.marks),
                                        wakeup_);
  }
  return *slots_;
}

void Rank::throw_orphaned(Time now) const {
  const std::string self = "rank " + std::to_string(transport_.rank()) + " on host " + host_name();
  if (!worker_->hears_nothing()) {
    throw environment_error(self + " ends, because rank 0 is gone");
  }
  const auto silence = std::chrono::duration_cast<std::chrono::seconds>(worker_->silence(now));
  throw FirstRankSilent(ExitCode::environment,
                        self + " has heard nothing from rank 0 for " +
                            std::to_string(silence.count()) +
                            " s, and ends: rank 0 stands still or is cut off; what it has not "
                            "reported goes to others");
}

std::optional<RunOutcome> Rank::run() {
  begin();
  IdleWait idle;
  while (!finished()) {
    const bool active = step(steady_now());
    if (!finished()) idle.wait(active, steady_now(), next_deadline(), transport_, wakeup_);
  }
  return end();
}

bool Rank::step(Time begun) {
  bool active = true;
  try {
    active = move(begun);
  } catch (...) {
    on_trouble(std::current_exception(), begun);
  }
  if (active) busy_ += steady_now() - begun;
  return active;
}

std::optional<RunOutcome> Rank::end() {
  input_.reset();
  if (slots_) slots_stuck_ = !slots_->stop(stop_deadline + worker_->grace());
  const Time now = steady_now();
  if (!coordinator_) {
    if (worker_->orphaned()) throw_orphaned(now);
    return std::nullopt;
  }
  observe(now, true);
  if (trouble_) std::rethrow_exception(trouble_);
  if (coordinator_->workers_gone()) {
    throw WorkersGone(ExitCode::environment, coordinator_->error()->what());
  }
  if (coordinator_->error()) throw *coordinator_->error();
  return outcome();
}

void Rank::stop(Time now) {
  if (coordinator_) coordinator_->on_stop(now);
}

void Rank::on_rank_gone(std::uint32_t rank, Time now) {
  if (coordinator_) coordinator_->on_worker_died(rank, now);
}

bool Rank::move(Time now) {
  bool active = receive(now);
  if (now >= next_look_) look_around(now);
  worker_->on_tick(now);
  active |= flush(now);
  if (coordinator_) {
    if (input_ && !trouble_) take_input();
    // A journal that failed says so each time; the run must come to its end all the same.
    if (options_.journal && !trouble_) {
      coordinator_->on_durable(options_.journal->durable_count());
    }
    coordinator_->on_tick(now);
    active |= flush(now);
    observe(now, false);
  }
  return active;
}

void Rank::look_around(Time now) {
  next_look_ = now + look_interval;
  while (const auto rank = peers_.next_ended()) {
    if (coordinator_) {
      gone_.push_back(*rank);
      coordinator_->on_worker_died(*rank, now);
    } else if (*rank == 0) {
      worker_->on_coordinator_died();
    } else {
      worker_->on_sibling_ended(*rank, now);
    }
  }
  if (!coordinator_ || options_.stop == nullptr) return;
  const auto asked = options_.stop->hear();
  if (asked == StopRequest::Urgency::drain) coordinator_->on_drain(now);
  if (asked == StopRequest::Urgency::at_once) coordinator_->on_stop(now);
}

bool Rank::receive(Time now) {
  bool any = false;
  while (auto received = transport_.receive()) {
    bytes_received_ += Frame::header_size + received->frame.body.size();
    any = true;
    take(*received, now);
  }
  return any;
}

// What comes from other ranks is for the coordinator if it is here: its worker gets its messages
// directly.
void Rank::take(const Received& received, Time now) {
  const auto checked = [&]() -> const Frame& {
    if (!received.broken.empty()) throw CorruptData(received.broken);
    return received.frame;
  };
  if (!coordinator_) return take_for_worker(received.from, decode_to_worker(checked()), now);
  ToCoordinator message;
  try {
    message = decode_to_coordinator(checked());
  } catch (const CorruptData& nonsense) {
    return coordinator_->on_nonsense(received.from, nonsense.what(), now);
  }
  take_for_coordinator(received.from, std::move(message), now);
}

void Rank::take_for_coordinator(std::uint32_t from, ToCoordinator message, Time now) {
  if (auto* hello = std::get_if<Hello>(&message)) peers_.watch(from, hello->process);
  coordinator_->on_message(from, std::move(message), now);
}

void Rank::take_for_worker(std::uint32_t from, ToWorker message, Time now) {
  if (auto* welcome = std::get_if<Welcome>(&message)) peers_.watch(from, welcome->process);
  if (auto* sibling = std::get_if<Sibling>(&message)) {
    peers_.watch(sibling->rank, sibling->process);
  }
  worker_->on_message(std::move(message), now);
}

// Sends what the two want sent, until neither wants anything more.
bool Rank::flush(Time now) {
  bool any = false;
  for (bool more = true; more;) {
    more = false;
    worker_->take_outbox(worker_outbox_);
    for (ToCoordinator& message : worker_outbox_) {
      if (auto* goodbye = std::get_if<Goodbye>(&message)) complete(goodbye->account);
      if (coordinator_) {
        coordinator_->on_message(transport_.rank(), std::move(message), now);
      } else {
        send(0, encode_message(message));
      }
      more = true;
    }
    if (coordinator_) {
      coordinator_->take_outbox(outbox_);
      for (const Event& event : outbox_.events) observer_.on_event(event);
      if (outbox_.records && !trouble_) options_.journal->record(std::move(*outbox_.records));
      for (auto& [to, message] : outbox_.messages) {
        if (to == transport_.rank()) {
          worker_->on_message(std::move(message), now);
        } else {
          send(to, encode_message(message));
        }
        more = true;
      }
    }
    any |= more;
  }
  return any;
}

void Rank::send(std::uint32_t to, Frame frame) {
  bytes_sent_ += Frame::header_size + frame.body.size();
  transport_.send(to, std::move(frame));
}

void Rank::complete(WorkerAccount& account) const {
  account.processor = options_.zygote != nullptr ? options_.zygote->processor_time(options_.slots)
                                                 : processor_time_of_this();
  account.communication = busy_;
  account.bytes_sent = bytes_sent_;
  account.bytes_received = bytes_received_;
  if (slots_) account.dispatch = slots_->dispatch();
}

void Rank::observe(Time now, bool last) {
  if (!last && now < next_progress_) return;
  next_progress_ = now + progress_interval;
  observer_.on_progress(coordinator_->progress(now));
}

void Rank::on_trouble(const std::exception_ptr& trouble, Time now) {
  const Broken::Reach reach = reach_of(trouble);
  if (reach != Broken::Reach::run) return worker_->on_broken(described(trouble), reach, now);
  if (trouble_) return;  // the first one counts
  trouble_ = trouble;
  if (coordinator_) {
    coordinator_->on_failure(now);
  } else {
    worker_->on_broken(described(trouble), Broken::Reach::run, now);
  }
}

Time Rank::next_deadline() const {
  Time until = worker_->next_deadline();
  if (coordinator_) until = std::min({until, coordinator_->next_deadline(), next_progress_});
  if (!peers_.empty() || options_.stop != nullptr) until = std::min(until, next_look_);
  return until;
}

bool Rank::finished() const {
  if (coordinator_) return coordinator_->finished();
  return worker_->finished() || worker_->orphaned();
}

RunOutcome Rank::outcome() {
  RunOutcome outcome;
  outcome.end = coordinator_->ended();
  outcome.account = coordinator_->account();
  if (outcome.end == RunEnd::complete) outcome.result = collector_->finish();
  return outcome;
}

}  // namespace taskrun
