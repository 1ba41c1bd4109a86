// SPDX-License-Identifier: MIT
#include "app/rank_watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "taskrun/launch/stop_signals.hpp"
#include "taskrun/os/pipe.hpp"
#include "taskrun/os/thread.hpp"

namespace taskrun {
namespace {

constexpr std::array stop_signals{SIGINT, SIGTERM, SIGUSR1, SIGHUP};

// How often the thread looks at the time.
constexpr Duration beat = std::chrono::seconds(1);
// A reduce of large partials, or a slow disk, may hold the message thread for long; MPI never does.
constexpr Duration longest_standstill = std::chrono::minutes(2);
constexpr Duration longest_in_mpi = std::chrono::seconds(20);
// MPI_Finalize waits for ranks that cannot be reached any more.
constexpr Duration longest_end = std::chrono::seconds(10);
// For rank 0 to end the run of a rank that was told to end.
constexpr Duration patience = std::chrono::seconds(30);
// For the run to listen, and for its result to be read, once it was asked to stop.
constexpr Duration longest_unheard = std::chrono::seconds(5);
// Asked twice: for what is being written.
constexpr Duration hurry = std::chrono::milliseconds(500);

// A handler can reach nothing else: where it writes to, and in which process. Processes forked
// from this one have other parents to listen to.
std::atomic<int> signal_pipe = -1;
std::atomic<pid_t> signal_owner = -1;

void on_stop_signal(int number) {
  if (getpid() != signal_owner) return;
  const int before = errno;
  const auto byte = static_cast<unsigned char>(number);
  [[maybe_unused]] const auto written = write(signal_pipe, &byte, 1);
  errno = before;
}

void handle(int number) {
  struct sigaction action {};
  if (sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);
}

int end_code(int exit_code) {
  return exit_code >= 0 ? exit_code : static_cast<int>(ExitCode::environment);
}

void say(const std::string& text) {
  const std::string line = "taskrun: " + text + "\n";
  // Where nobody reads it, either, there is nobody to tell.
  pollfd way{STDERR_FILENO, POLLOUT, 0};
  if (poll(&way, 1, 0) <= 0) return;
  [[maybe_unused]] const auto written = write(STDERR_FILENO, line.data(), line.size());
}

void say_unread() { say("stopped while the result was being written: nobody reads all of it"); }

}  // namespace

RankWatch::RankWatch(const std::optional<LaunchedRank>& launched, const Supervision& supervision,
                     std::shared_ptr<std::atomic<bool>> told)
    : rank_(launched ? launched->rank : 0),
      supervision_(supervision),
      told_(std::move(told)),
      bell_(make_event_descriptor()),
      waits_for_mpi_(launched.has_value()) {
  Pipe pipe = make_pipe(O_NONBLOCK);
  signals_ = std::move(pipe.reader);
  const int before = signal_pipe.exchange(pipe.writer.release());
  if (before >= 0) close(before);
  signal_owner = getpid();
  for (const int number : stop_signals) handle(number);
  thread_ = start_thread("to listen to signals", [this] { watch(); });
}

RankWatch::~RankWatch() {
  eventfd_write(bell_.fd(), 1);
  thread_.join();
  for (const int number : stop_signals) {
    struct sigaction action {};
    sigaction(number, nullptr, &action);
    if (action.sa_handler == on_stop_signal) ::signal(number, SIG_DFL);
  }
}

void RankWatch::telling(Time stop_at) {
  tell_until_ = stop_at;
  phase_ = Phase::telling;
}

void RankWatch::expect_end(int exit_code) { exit_code_ = exit_code; }

void RankWatch::watch() {
  const Lifeline* const line = supervision_.line();
  for (;;) {
    std::array<pollfd, 3> polled{
        {{bell_.fd(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {line ? line->fd() : -1, POLLIN, 0}}};
    const auto wait = std::min<Duration>(beat, std::max(end_at_ - steady_now(), Duration::zero()));
    const int ready =
        poll(polled.data(), polled.size(),
             static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count()));
    if (polled[0].revents != 0) return;
    unsigned char number = 0;
    while (read(signals_.fd(), &number, 1) == 1) ask(number);
    if (polled[2].revents != 0) on_supervisor();
    if (ready == 0) look_at_time();
    tell_alive();
  }
}

void RankWatch::on_supervisor() {
  const auto heard = supervision_.line()->hear();
  if (heard.what == Lifeline::Heard::What::end) {
    // It is dead, and nobody would ever end this run.
    _exit(end_code(exit_code_));
  }
  if (heard.what == Lifeline::Heard::What::word && heard.word.kind == LifelineWord::Kind::stop) {
    ask(static_cast<int>(heard.word.value));
  }
}

void RankWatch::ask(int number) {
  int none = 0;
  signal_.compare_exchange_strong(none, number);
  if (told_) *told_ = true;
  const bool again = asked_count_++ > 0;
  if (!again) heard_at_ = steady_now();
  if (rank_ != 0) {
    if (!again) end_at_ = std::min(end_at_, steady_now() + patience);
    return;
  }
  stop_.raise(again ? StopRequest::Urgency::at_once : StopRequest::Urgency::drain);
  if (again) end_at_ = std::min(end_at_, steady_now() + hurry);
}

// By a run that is asked to stop; whoever tells a result looks at nothing else.
bool RankWatch::is_unheard() {
  const Time now = steady_now();
  const bool late = phase_ == Phase::telling && now >= tell_until_.load();
  if (stop_.was_heard()) {
    ever_heard_ = true;
    heard_at_ = now;
  }
  const bool told = phase_ == Phase::told;
  if (rank_ != 0 || told || (asked_count_ == 0 && !late)) return false;
  return !ever_heard_ || now - heard_at_ >= longest_unheard;
}

void RankWatch::tell_alive() {
  if (rank_ != 0 || steady_now() - told_alive_ < beat) return;
  told_alive_ = steady_now();
  supervision_.tell_alive(moves_);
}

// Once a beat. A process that was stopped has not stood still in between.
void RankWatch::look_at_time() {
  if (phase_ == Phase::telling) ++moves_;
  const std::uint64_t moves = moves_;
  const int exit_code = exit_code_;
  still_ = moves == moves_seen_ ? still_ + beat : Duration::zero();
  moves_seen_ = moves;
  if (exit_code >= 0) {
    if (end_at_ == never) end_at_ = steady_now() + longest_end;
  } else if ((waits_for_mpi_ || moves > 0) &&
             still_ >= (in_mpi_ ? longest_in_mpi : longest_standstill)) {
    say("rank " + std::to_string(rank_) +
        (in_mpi_     ? " does not come back from MPI, and ends"
         : moves > 0 ? " has not looked at its messages for minutes, and ends"
                     : " has waited for MPI to start for minutes, and ends"));
    supervision_.end_launcher();
    _exit(end_code(exit_code));
  }
  const bool unheard = is_unheard();
  if (!unheard && steady_now() < end_at_) return;
  if (exit_code >= 0) _exit(exit_code);
  if (phase_ == Phase::telling) say_unread();
  _exit(signal_ != 0 ? exit_code_of_signal(signal_) : static_cast<int>(ExitCode::stopped));
}

}  // namespace taskrun
