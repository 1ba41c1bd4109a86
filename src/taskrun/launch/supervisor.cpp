// SPDX-License-Identifier: MIT
#include "taskrun/launch/supervisor.hpp"

#include <poll.h>

#include <algorithm>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

// What dies three times without a single chunk in between will die again.
constexpr std::uint64_t most_fruitless = 3;
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
    LaunchEnd end =
        Launch(options_.command(restarts_), server_, signals_, console_, options_.launch).run();
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

int Supervisor::stopped(const LaunchEnd& end) const {
  if (!resumable()) {
    console_.line("stopped; nothing of the run is kept, because it has no journal");
    constexpr int of_a_signal = 128;
    return of_a_signal + end.signal;
  }
  console_.line("stopped; go on with: " + options_.resume_command);
  return static_cast<int>(ExitCode::stopped);
}

// Returns where another start may help.
void Supervisor::judge(const LaunchEnd& end) {
  if (end.how == LaunchEnd::How::not_started && restarts_ == 0) throw environment_error(end.why);
  if (!resumable()) {
    throw environment_error(end.why +
                            ", and nothing of the run is kept, because it has no journal");
  }
  fruitless_ = end.chunks_done > chunks_done_ ? 0 : fruitless_ + 1;
  chunks_done_ = std::max(chunks_done_, end.chunks_done);
  const std::string go_on = "; what is done is kept, go on with: " + options_.resume_command;
  if (fruitless_ >= most_fruitless) {
    throw environment_error(end.why + "; gave up after " + std::to_string(fruitless_) +
                            " starts without progress" + go_on);
  }
  if (restarts_ >= options_.most_restarts) {
    throw environment_error(end.why + " after " + std::to_string(restarts_) + " restarts" + go_on);
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
