// SPDX-License-Identifier: MIT
#include "taskrun/exec/isolated_runner.hpp"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "taskrun/core/error.hpp"
#include "taskrun/os/pidfd.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

// A limit that follows the median is never shorter: a machine that is busy elsewhere must not look
// like a chunk that hangs.
constexpr Duration least_relative_limit = std::chrono::seconds(1);
// How long a chunk that is no longer wanted may go on when it does not ask.
constexpr Duration unwanted_deadline = std::chrono::seconds(1);
// A limit is kept to within this part of it.
constexpr int looks_per_limit = 20;
constexpr Duration shortest_look = std::chrono::milliseconds(1);
constexpr Duration longest_look = std::chrono::milliseconds(500);
constexpr Duration pause = std::chrono::milliseconds(500);
// So many helpers may end before they begin a chunk; then it is not bad luck.
constexpr int most_idle_deaths = 3;
// What was sent SIGKILL is dead by then, unless it hangs in the kernel.
constexpr int death_deadline_milliseconds = 5000;

bool readable(int fd, int timeout_milliseconds) {
  pollfd polled{fd, POLLIN, 0};
  return poll(&polled, 1, timeout_milliseconds) > 0;
}

int milliseconds_up(Duration d) {
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(d).count());
}

std::string signal_text(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : std::string("SIG") + name;
}

ProcessEnd process_end(int status) {
  return WIFEXITED(status) ? ProcessEnd{ProcessEnd::How::exited, WEXITSTATUS(status)}
                           : ProcessEnd{ProcessEnd::How::killed, WTERMSIG(status)};
}

}  // namespace

IsolatedRunner::IsolatedRunner(Zygote& zygote, std::uint32_t slot, const Grid& grid,
                               std::shared_ptr<ChunkTimes> times)
    : zygote_(zygote),
      slot_(slot),
      grid_(grid),
      times_(std::move(times)),
      cell_(zygote.cell(slot)) {}

// Without its socket an idle helper ends; one that is not is the zygote's to end.
IsolatedRunner::~IsolatedRunner() = default;

void IsolatedRunner::run(const Work& work, Results& out, const ChunkRunner::Flush& flush) {
  if (!helper_lives()) start_helper();
  next_ = work.chunks.begin;
  started_ = reported_ = begun_since_ = steady_now();
  begun_before_ = begun_seen_ = cell_.begun;
  unwanted_since_ = never;
  cause_ = Cause::none;
  if (talk(work, out, flush) == Talk::ended) {
    idle_deaths_ = 0;
    if (cause_ == Cause::too_slow) blame(work, out);
  } else {
    mourn(work, out);
  }
}

bool IsolatedRunner::helper_lives() const { return helper_ && !readable(helper_->process.fd(), 0); }

void IsolatedRunner::start_helper() {
  if (helper_) zygote_.bury(helper_->pid);
  Helper helper = zygote_.fork_helper(slot_, grid_);
  reader_ = {};
  const IsolationLimits& limits = zygote_.limits();
  memory_.reset();
  if (limits.memory_bytes > 0 && !limits.kept_by_job) {
    memory_.emplace(helper.pid, TreeMemory::Root::counts);
  }
  const std::lock_guard lock(helper_mutex_);
  helper_ = std::move(helper);
}

bool IsolatedRunner::kill() {
  const std::lock_guard lock(helper_mutex_);
  killed_ = true;
  if (helper_) send_signal(helper_->process, SIGKILL);
  return true;
}

// --- while it lives

IsolatedRunner::Talk IsolatedRunner::talk(const Work& work, Results& out,
                                          const ChunkRunner::Flush& flush) {
  const Bytes frame = work_frame(work);
  ByteView unsent(frame);
  for (;;) {
    const auto sent = unsent.empty() ? 0
                                     : send(helper_->socket.fd(), unsent.data(), unsent.size(),
                                            MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) unsent = unsent.subspan(static_cast<std::size_t>(sent));
    // What it said before it died counts: its words are looked at before its death.
    const Talk state = wait(unsent);
    if (take_reports(out, flush) == Talk::ended) return Talk::ended;
    if (state == Talk::helper_gone) return state;
    watch();
  }
}

// Until there is something to read, or to send, or to look at.
IsolatedRunner::Talk IsolatedRunner::wait(ByteView unsent) {
  const auto limit = longest_chunk();
  Duration look = limit
                      ? std::clamp<Duration>(*limit / looks_per_limit, shortest_look, longest_look)
                      : longest_look;
  if (memory_) look = std::min(look, memory_->interval(zygote_.limits().memory_bytes));
  const short wanted = unsent.empty() ? POLLIN : POLLIN | POLLOUT;
  pollfd polled[2] = {{helper_->socket.fd(), wanted, 0}, {helper_->process.fd(), POLLIN, 0}};
  const Time before = steady_now();
  poll(polled, 2, milliseconds_up(look));
  forgive(steady_now() - before);
  return polled[1].revents != 0 ? Talk::helper_gone : Talk::goes_on;
}

// Where nothing takes so long the rank stood still (Ctrl-Z), and its helpers with it.
void IsolatedRunner::forgive(Duration waited) {
  if (waited < longest_look + pause) return;
  begun_since_ += waited;
  if (unwanted_since_ != never) unwanted_since_ += waited;
}

IsolatedRunner::Talk IsolatedRunner::take_reports(Results& out, const ChunkRunner::Flush& flush) {
  try {
    for (;;) {
      while (const auto body = reader_.next()) {
        if (take_report(*body, out, flush) == Talk::ended) return Talk::ended;
      }
      const auto got = reader_.read(helper_->socket.fd(), MSG_DONTWAIT);
      if (got == FrameReader::Got::nothing) return Talk::goes_on;
      if (got == FrameReader::Got::end) {
        end_helper(Cause::none);
        return Talk::goes_on;
      }
    }
  } catch (const CorruptData&) {
    end_helper(Cause::unreadable);
    return Talk::goes_on;
  }
}

IsolatedRunner::Talk IsolatedRunner::take_report(ByteView body, Results& out,
                                                 const ChunkRunner::Flush& flush) {
  HelperReport report = decode_report(body);
  if (report.kind == HelperReport::Kind::broken) throw environment_error(report.error);
  if (report.kind == HelperReport::Kind::short_of) throw Shortage(report.error);
  for (const LeaseProgress& progress : report.results.progress) {
    next_ = progress.next;
    times_->record(progress);
  }
  if (memory_ && !report.results.progress.empty()) {
    report.results.progress.back().memory_bytes = memory_->take_peak_bytes();
  }
  reported_ = steady_now();
  out.append(report.results);
  if (report.kind == HelperReport::Kind::last) return Talk::ended;
  flush(out);
  return Talk::goes_on;
}

void IsolatedRunner::watch() {
  const Time now = steady_now();
  if (const auto begun = cell_.begun.load(std::memory_order_acquire); begun != begun_seen_) {
    begun_seen_ = begun;
    begun_since_ = now;
  }
  if (!cell_.stop) {
    unwanted_since_ = never;
  } else if (unwanted_since_ == never) {
    unwanted_since_ = now;
  }
  if (killed_ || now - unwanted_since_ >= unwanted_deadline + zygote_.limits().told.grace) {
    return end_helper(Cause::unwanted);
  }
  watch_memory(now);
  const auto limit = longest_chunk();
  if (cell_.stop || !limit || now - begun_since_ < *limit) return;
  // A job that keeps limits does not know the median, and ends what it runs when it is told to.
  if (!zygote_.limits().kept_by_job) return end_helper(Cause::too_slow);
  cause_ = Cause::too_slow;
  cell_.stop = true;
}

void IsolatedRunner::watch_memory(Time now) {
  if (!memory_ || now < memory_look_) return;
  const std::uint64_t limit = zygote_.limits().memory_bytes;
  if (memory_->look(limit) > limit || is_group_full()) end_helper(Cause::too_much_memory);
  memory_look_ = now + memory_->interval(limit);
}

// The chunk that took too long, of a lease that ended because of that; the rest goes back.
void IsolatedRunner::blame(const Work& work, Results& out) const {
  const std::uint64_t chunk = cell_.chunk;
  if (chunk < next_ || chunk >= work.chunks.end) return;
  out.failures.push_back({work.lease, chunk, how_it_ended(0)});
}

std::optional<Duration> IsolatedRunner::longest_chunk() {
  const IsolationLimits& limits = zygote_.limits();
  if (limits.timeout > Duration::zero()) return limits.timeout;
  if (limits.timeout_ratio <= 0) return std::nullopt;
  const auto median = times_->median();
  if (!median) return std::nullopt;
  return std::max(least_relative_limit, from_seconds(limits.timeout_ratio * seconds(*median)));
}

// --- its death

void IsolatedRunner::end_helper(Cause cause) {
  if (cause_ == Cause::none) cause_ = cause;
  send_signal(helper_->process, SIGKILL);
}

void IsolatedRunner::mourn(const Work& work, Results& out) {
  const Time now = steady_now();
  if (!readable(helper_->process.fd(), death_deadline_milliseconds)) {
    throw environment_error(
        "a process that isolates user code cannot be ended: it hangs in the kernel");
  }
  const int status = zygote_.bury(helper_->pid);
  if (cause_ == Cause::none && is_group_full()) cause_ = Cause::too_much_memory;
  peak_bytes_ = memory_ ? memory_->peak_bytes() : 0;
  {
    const std::lock_guard lock(helper_mutex_);
    helper_.reset();
  }
  const std::uint64_t chunk = cell_.chunk;
  const bool begun = cell_.begun != begun_before_ && next_ <= chunk && chunk < work.chunks.end;
  if (cause_ == Cause::unwanted || (cell_.stop && cause_ != Cause::too_slow)) {
    idle_deaths_ = 0;  // nothing is said of work that nobody wants
  } else if (begun) {
    idle_deaths_ = 0;
    ChunkFailure failure{work.lease, chunk, how_it_ended(status)};
    failure.end = process_end(status);
    failure.begun = begun_since_ - started_;
    failure.busy = now - begun_since_;
    failure.memory_bytes = peak_bytes_;
    out.failures.push_back(std::move(failure));
  } else if (++idle_deaths_ > most_idle_deaths) {
    throw environment_error(
        "the processes that isolate user code end before they compute anything: " +
        how_it_ended(status));
  }
  out.progress.push_back({work.lease, next_, true, 0, now - reported_});
}

std::string IsolatedRunner::how_it_ended(int status) const {
  const IsolationLimits& limits = zygote_.limits();
  if (cause_ == Cause::too_slow) {
    return "took longer than " + limits.timeout_text +
           (limits.timeout_ratio > 0 ? " the median chunk" : "");
  }
  if (cause_ == Cause::unreadable) return "crashed: it wrote over what belongs to taskrun";
  if (cause_ == Cause::too_much_memory) {
    return "used more memory than --memory allows: " +
           megabytes_text(std::max(peak_bytes_, limits.memory_bytes)) + " of " +
           megabytes_text(limits.memory_bytes);
  }
  if (cell_.out_of_memory) {
    const std::string had = megabytes_text(std::max(peak_bytes_, cell_.memory_bytes.load()));
    return limits.memory_bytes > 0
               ? "used more memory than --memory allows: it had " + had + " of " +
                     megabytes_text(limits.memory_bytes) + " and wanted more"
               : "ran out of memory: it had " + had;
  }
  if (WIFEXITED(status)) {
    return "ended its process with exit code " + std::to_string(WEXITSTATUS(status));
  }
  if (WTERMSIG(status) == SIGKILL) return "was killed: SIGKILL, perhaps for want of memory";
  return "crashed: " + signal_text(WTERMSIG(status));
}

std::vector<std::unique_ptr<LeaseRunner>> isolated_runners(Zygote& zygote, const Grid& grid,
                                                           std::uint32_t count) {
  const auto times = std::make_shared<ChunkTimes>();
  std::vector<std::unique_ptr<LeaseRunner>> runners;
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    runners.push_back(std::make_unique<IsolatedRunner>(zygote, slot, grid, times));
  }
  return runners;
}

}  // namespace taskrun
