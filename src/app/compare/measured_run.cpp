// SPDX-License-Identifier: MIT
#include "app/compare/measured_run.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "taskrun/os/process_tree.hpp"

namespace taskrun {
namespace {

// mpirun gives its ranks a second between SIGTERM and SIGKILL.
constexpr Duration termination_deadline = std::chrono::seconds(3);
// Often enough for the memory of what runs for a moment, and no load to speak of.
constexpr int look_milliseconds = 20;
// More of what a command complains of helps nobody.
constexpr std::size_t most_err_bytes = 1 << 20;

void read_err(const Child& child, std::string& err) {
  std::array<char, 4096> buffer;
  for (ssize_t count; (count = read(child.err_fd(), buffer.data(), buffer.size())) > 0;) {
    if (err.size() < most_err_bytes) err.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

bool wait_for_end(const Child& child, Duration longest) {
  pollfd polled{child.ended_fd(), POLLIN, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(longest);
  return poll(&polled, 1, static_cast<int>(milliseconds.count())) > 0;
}

[[noreturn]] void stop(const Child& child, int signal) {
  child.signal(SIGTERM);
  wait_for_end(child, termination_deadline);
  throw StopAsked{signal};  // what is left is killed with the child
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? exit_code_of_signal(WTERMSIG(status)) : WEXITSTATUS(status);
}

}  // namespace

MeasuredRun run_measured(const ChildCommand& command, const StopSignals& signals,
                         InputRelay* relay) {
  MeasuredRun run;
  const Time begin = steady_now();
  Child child(command);
  ProcessTree processes(child.process());
  std::optional<int> status;
  bool err_ended = false;
  while (!(status = child.reap())) {
    std::array<pollfd, 4> polled{{{child.ended_fd(), POLLIN, 0},
                                  {err_ended ? -1 : child.err_fd(), POLLIN, 0},
                                  {signals.fd(), POLLIN, 0},
                                  relay == nullptr ? pollfd{-1, 0, 0} : relay->waits_for()}};
    processes.look();
    poll(polled.data(), polled.size(), look_milliseconds);
    if (const int signal = signals.next()) stop(child, signal);
    read_err(child, run.err);
    err_ended |= polled[1].revents == POLLHUP;
    if (polled[3].revents != 0) relay->go_on();
  }
  run.wall = steady_now() - begin;
  read_err(child, run.err);
  run.exit_code = exit_code_of(*status);
  run.processor = child.processor_time();
  run.queued = processes.queued_time();
  // One that was gone too soon to be looked at had it all the same.
  run.peak_memory_bytes = std::max(child.largest_bytes(), processes.peak_memory_bytes());
  return run;
}

}  // namespace taskrun
