// SPDX-License-Identifier: MIT
#include "taskrun/launch/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "taskrun/core/error.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

// What dies three times without a single chunk in between will die again.
constexpr std::uint64_t most_fruitless = 3;
// Of ranks that computed the same chunk: it is what they died of.
constexpr std::uint64_t most_deaths = 3;
// For somebody who was asked to stop.
constexpr int unread_milliseconds = 1000;
constexpr Duration first_pause = std::chrono::milliseconds(100);
constexpr Duration longest_pause = std::chrono::seconds(5);

Duration pause_after(std::uint64_t fruitless) {
  const auto doubled = first_pause * (std::int64_t{1} << std::min<std::uint64_t>(fruitless, 10));
  return std::min<Duration>(doubled, longest_pause);
}

}  // namespace

int Supervisor::run() {
  adopt_orphans();
  for (;;) {
    LaunchEnd end = start();
    if (end.how == LaunchEnd::How::verdict) return end.exit_code;
    if (end.how == LaunchEnd::How::stopped) return stopped(end);
    judge(end);
    if (options_.clean_up) options_.clean_up();
    if (const int signal = wait_for_signal(pause_after(fruitless_))) {
      end.signal = signal;
      return stopped(end);
    }
    ++restarts_;
  }
}

LaunchEnd Supervisor::start() {
  LaunchEnd end = Launch(options_.command(restarts_), server_, signals_, suspend_, make_streams(),
                         options_.launch)
                      .run();
  finish_output(end.signal != 0);
  return end;
}

Streams Supervisor::make_streams() {
  Streams streams;
  streams.err.reset(fcntl(options_.err, F_DUPFD_CLOEXEC, 0));
  if (options_.in >= 0) streams.in.reset(fcntl(options_.in, F_DUPFD_CLOEXEC, 0));
  if (options_.out < 0) return streams;
  streams.out_is_terminal = isatty(options_.out) != 0;
  streams.written_bytes = relay_.passed_bytes();
  streams.out = relay_.open();
  return streams;
}

// Until the user has all that rank 0 wrote; a signal gives up where nobody reads.
void Supervisor::finish_output(bool asked_to_stop) {
  if (options_.out < 0) return;
  std::uint64_t passed = relay_.passed_bytes();
  const int longest = asked_to_stop ? unread_milliseconds : -1;
  pollfd polled[3] = {
      {relay_.ended_fd(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {suspend_.fd(), POLLIN, 0}};
  for (;;) {
    const int ready = poll(polled, 3, longest);
    if (ready > 0 && (polled[0].revents != 0 || polled[1].revents != 0)) break;
    if (ready == 0 && std::exchange(passed, relay_.passed_bytes()) == relay_.passed_bytes()) break;
    if (suspend_.take()) SuspendSignal::stand_still();
  }
  const int error = relay_.error();
  if (error == 0 || error == EPIPE) return;
  throw environment_error("cannot write to stdout: " + system_reason(error) +
                          "; the result is not complete" + (options_.resumable() ? go_on() : ""));
}

int Supervisor::stopped(const LaunchEnd& end) const {
  if (!options_.resumable()) {
    say("stopped before the run began");
    return exit_code_of_signal(end.signal);
  }
  say("stopped" + go_on());
  return static_cast<int>(ExitCode::stopped);
}

// A last word, unless nobody reads it.
void Supervisor::say(const std::string& text) const {
  pollfd way{options_.err, POLLOUT, 0};
  if (poll(&way, 1, unread_milliseconds) != 0) console_.line(text);
}

void Supervisor::count_deaths(const LaunchEnd& end) {
  if (!options_.chunks_of || isolated_) return;
  for (const std::uint32_t rank : end.dead) {
    for (const std::uint64_t chunk : options_.chunks_of(rank)) ++deaths_[chunk];
  }
}

// The chunk that more ranks died of than can be chance; empty where there is none.
std::string Supervisor::suspicion() const {
  const auto worst =
      std::max_element(deaths_.begin(), deaths_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (worst == deaths_.end() || worst->second < most_deaths) return "";
  const std::string chunk = std::to_string(worst->first + 1);
  return "chunk " + chunk + " was being computed by " + std::to_string(worst->second) +
         " ranks when they died (to compute it alone: --only-chunk " + chunk + ")";
}

// Returns where another start may help.
void Supervisor::judge(const LaunchEnd& end) {
  if (end.how == LaunchEnd::How::not_started && restarts_ == 0) throw environment_error(end.why);
  fruitless_ = end.chunks_done > chunks_done_ ? 0 : fruitless_ + 1;
  chunks_done_ = std::max(chunks_done_, end.chunks_done);
  count_deaths(end);
  const std::string suspected = suspicion();
  if (!suspected.empty() && options_.isolate && !std::exchange(isolated_, true)) {
    options_.isolate();
    fruitless_ = 0;
    console_.line(
        "warning: " + end.why + "; " + suspected +
        "; going on from the journal with --isolate, so that a crash costs only its chunk");
    return;
  }
  const std::string kept = options_.resumable() ? "; what is done is kept" + go_on() : "";
  if (fruitless_ >= most_fruitless) {
    throw environment_error(end.why + "; gave up after " + std::to_string(fruitless_) +
                            " starts without progress" +
                            (suspected.empty() || isolated_ ? "" : "; " + suspected) + kept);
  }
  if (restarts_ >= options_.most_restarts) {
    throw environment_error(end.why + " after " + std::to_string(restarts_) + " restarts" + kept);
  }
  console_.line("warning: " + end.why + "; going on from the journal with " +
                std::to_string(end.chunks_done) + " chunks done");
}

int Supervisor::wait_for_signal(Duration longest) const {
  pollfd polled{signals_.fd(), POLLIN, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(longest);
  poll(&polled, 1, static_cast<int>(milliseconds.count()));
  return signals_.next();
}

}  // namespace taskrun
