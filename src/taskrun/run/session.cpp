// SPDX-License-Identifier: MIT
#include "taskrun/run/session.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/net/loopback.hpp"
#include "taskrun/os/build_digest.hpp"
#include "taskrun/os/host_name.hpp"
#include "taskrun/run/defaults.hpp"
#include "taskrun/run/make_job.hpp"

namespace taskrun {
namespace {

// That rank 0 has ended is noticed that late between runs.
constexpr Duration look_interval = std::chrono::milliseconds(100);

Session::MakeJob from(const Registry& jobs) {
  return [&jobs](const JobSpec& spec) { return make_job(jobs, spec); };
}

std::uint64_t digest_of(const JobSpec& spec) { return checksum(encode_job_spec(spec)); }

Error never_begun(RunId run) {
  return usage_error("run " + std::to_string(run.value) +
                     " is over and its result was taken, or it never began");
}

}  // namespace

struct Session::Alone {
  Wakeup wakeup;
  LoopbackHub hub{1};
  std::unique_ptr<Transport> transport = hub.connect(0, wakeup);
};

struct Session::Run {
  // What a run writes that nobody has given a sink.
  class TextSink final : public Sink {
   public:
    void write(ByteView bytes) override {
      text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::uint64_t backlog_bytes() const override { return 0; }
    std::string take() { return std::move(text_); }

   private:
    std::string text_;
  };

  class NoObserver final : public RunObserver {
   public:
    void on_event(const Event&) override {}
    void on_progress(const Progress&) override {}
  };

  std::unique_ptr<Transport> channel;
  std::shared_ptr<Job> job;
  TextSink text;
  NoObserver no_observer;
  std::unique_ptr<Rank> rank;  // none when it has ended
  std::optional<RunOutcome> outcome;
  std::exception_ptr failure;
};

void RunResult::print(std::ostream& out) const {
  out << text;
  if (!job->emits() && result.has_value()) job->print(result, out);
}

Session::Session(std::unique_ptr<Alone> alone, MakeJob make_job, SessionOptions options)
    : alone_(std::move(alone)),
      wakeup_(alone_->wakeup),
      channels_(*alone_->transport),
      make_job_(std::move(make_job)),
      options_(std::move(options)) {}

Session::Session(const Registry& jobs, SessionOptions options)
    : Session(std::make_unique<Alone>(), from(jobs), std::move(options)) {}

Session::Session(Transport& transport, Wakeup& wakeup, const Registry& jobs, SessionOptions options)
    : Session(transport, wakeup, from(jobs), std::move(options)) {}

Session::Session(Transport& transport, Wakeup& wakeup, MakeJob make_job, SessionOptions options)
    : wakeup_(wakeup),
      channels_(transport),
      make_job_(std::move(make_job)),
      options_(std::move(options)) {
  if (options_.build == 0 && transport.size() > 1) options_.build = build_digest();
}

Session::~Session() {
  try {
    close();
  } catch (...) {
    // Its runs have no result that anybody waits for.
  }
}

// --- rank 0

RunOptions Session::options_for(const JobSpec& spec) const {
  const auto job = make_job_(spec);
  RunOptions options;
  options.schedule = usual_schedule(*job);
  options.retries = usual_retries(*job);
  return options;
}

RunId Session::start(const JobSpec& spec, const RunOptions& options, Sink* sink,
                     RunObserver* observer) {
  TASKRUN_EXPECT(rank() == 0);
  if (is_closed_) throw usage_error("the session is closed: no run can be started in it");
  std::shared_ptr<Job> job = make_job_(spec);
  const RunId id{last_run_.value + 1};
  const StartRun message{id, spec, this_process()};
  for (std::uint32_t other = 1; other < channels_.transport().size(); ++other) {
    channels_.send(other, encode_message(message));
  }
  last_run_ = id;
  Run& run = begin(id, spec, std::move(job), options, sink, observer);
  for (const std::uint32_t gone : gone_) run.rank->on_rank_gone(gone, steady_now());
  return id;
}

// The rank is at work from then on.
Session::Run& Session::begin(RunId id, const JobSpec& spec, std::shared_ptr<Job> job,
                             RunOptions options, Sink* sink, RunObserver* observer) {
  auto run = std::make_unique<Run>();
  run->channel = channels_.open(id);
  run->job = std::move(job);
  options.build = options_.build;
  options.job = digest_of(spec);
  if (options_.equip) {
    options_.equip(*run->job, options);
  } else {
    options.slots =
        options_.slots > 0 ? options_.slots : usual_slots(*run->job, options_.local_ranks);
  }
  run->rank = std::make_unique<Rank>(*run->channel, wakeup_, *run->job, options,
                                     sink != nullptr ? *sink : run->text,
                                     observer != nullptr ? *observer : run->no_observer);
  run->rank->begin();
  return *(runs_[id] = std::move(run));
}

// A run that began, or begins, after another has seen a rank end must not wait for its hello.
void Session::share_deaths(const Run& run, Time now) {
  for (const std::uint32_t rank : run.rank->gone()) {
    if (!gone_.insert(rank).second) continue;
    for (auto& [id, other] : runs_) {
      if (other->rank && other.get() != &run) other->rank->on_rank_gone(rank, now);
    }
  }
}

// What has ended holds nothing but its result.
void Session::end(Run& run) {
  try {
    run.outcome = run.rank->end();
  } catch (...) {
    run.failure = std::current_exception();
  }
  if (run.rank->slots_stuck()) {
    is_stuck_ = true;
    // The job's threads still use them.
    static_cast<void>(run.rank.release());
    static_cast<void>(run.channel.release());
    new std::shared_ptr<Job>(run.job);
    return;
  }
  run.rank.reset();
  run.channel.reset();
}

bool Session::step() {
  const Time now = steady_now();
  bool any = channels_.receive();
  any |= take_messages();
  for (auto& [id, run] : runs_) {
    if (!run->rank) continue;
    any |= run->rank->step(now);
    share_deaths(*run, now);
    if (run->rank->finished()) end(*run);
  }
  return any;
}

Session::Run& Session::known(RunId id) const {
  const auto run = runs_.find(id);
  if (run == runs_.end()) throw never_begun(id);
  return *run->second;
}

bool Session::is_over(RunId id) const { return !known(id).rank; }

template <class Done>
void Session::drive_until(const Done& done) {
  while (!done()) {
    const bool active = step();
    if (!done()) {
      idle_.wait(active, steady_now(), next_deadline(), channels_.transport(), wakeup_);
    }
  }
}

RunResult Session::wait(RunId id) {
  Run& run = known(id);
  drive_until([&] { return !run.rank; });
  const auto ended = std::move(runs_.extract(id).mapped());
  if (ended->failure) std::rethrow_exception(ended->failure);
  RunResult result{std::move(*ended->outcome), std::move(ended->job), ended->text.take()};
  return result;
}

RunResult Session::run(const JobSpec& spec, const RunOptions& options, Sink* sink,
                       RunObserver* observer) {
  return wait(start(spec, options, sink, observer));
}

void Session::close() {
  if (rank() != 0 || std::exchange(is_closed_, true)) return;
  const auto none_goes_on = [this] {
    return std::none_of(runs_.begin(), runs_.end(),
                        [](const auto& run) { return run.second->rank != nullptr; });
  };
  for (auto& [id, run] : runs_) {
    if (run->rank) run->rank->stop(steady_now());
  }
  drive_until(none_goes_on);
  for (std::uint32_t other = 1; other < channels_.transport().size(); ++other) {
    channels_.send(other, encode_message(CloseSession{}));
  }
}

// --- other ranks

void Session::serve() {
  TASKRUN_EXPECT(rank() != 0);
  drive_until([this] {
    std::erase_if(runs_, [](const auto& run) {
      if (run.second->failure) std::rethrow_exception(run.second->failure);
      return run.second->rank == nullptr;
    });
    if (runs_.empty()) look_for_rank_0();
    return is_closed_ && runs_.empty();
  });
}

void Session::look_for_rank_0() {
  if (is_closed_) return;
  if (last_run_ == RunId{} && steady_now() - opened_ >= options_.first_run_deadline) {
    throw environment_error("rank 0 has not said what to run; this rank ends");
  }
  if (!peers_.next_ended()) return;
  throw environment_error("rank " + std::to_string(rank()) + " on host " + host_name() +
                          " ends, because rank 0 is gone");
}

bool Session::take_messages() {
  bool any = false;
  while (const auto received = channels_.next_of_session()) {
    any = true;
    // Of other ranks rank 0 expects nothing here; what is wrong with them their runs hear as well.
    if (rank() == 0 || received->from != 0) continue;
    if (!received->broken.empty()) throw CorruptData(received->broken);
    std::visit([this](const auto& message) { on(message); }, decode_to_rank(received->frame));
  }
  return any;
}

void Session::on(const StartRun& message) {
  if (message.run <= last_run_) throw CorruptData("a run that has begun already");
  last_run_ = message.run;
  if (peers_.empty()) peers_.watch(0, message.process);
  std::shared_ptr<Job> job;
  try {
    job = make_job_(message.job);
  } catch (const Error& error) {
    return refuse(message, error.what());
  }
  begin(message.run, message.job, std::move(job), {}, nullptr, nullptr);
}

void Session::on(const CloseSession&) { is_closed_ = true; }

// The run ends with what the coordinator is told here.
void Session::refuse(const StartRun& message, const std::string& why) {
  channels_.open(message.run)->send(0, encode_message(Refused{host_name(), why}));
}

Time Session::next_deadline() const {
  Time next = rank() == 0 ? never : steady_now() + look_interval;
  for (const auto& [id, run] : runs_) {
    if (run->rank) next = std::min(next, run->rank->next_deadline());
  }
  return next;
}

}  // namespace taskrun
