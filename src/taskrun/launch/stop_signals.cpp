// SPDX-License-Identifier: MIT
#include "taskrun/launch/stop_signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <initializer_list>

#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

bool is_ignored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// Blocks those that are not ignored; `before` is what was blocked.
Descriptor signals_to_read(std::initializer_list<int> numbers, sigset_t& before) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : numbers) {
    if (!is_ignored(number)) sigaddset(&wanted, number);
  }
  sigprocmask(SIG_BLOCK, &wanted, &before);
  return required(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK), "wait for signals");
}

// 0 where none has come.
int next_of(const Descriptor& fd) {
  signalfd_siginfo signal{};
  return read(fd.fd(), &signal, sizeof signal) == sizeof signal ? static_cast<int>(signal.ssi_signo)
                                                                : 0;
}

}  // namespace

StopSignals::StopSignals() : fd_(signals_to_read({SIGINT, SIGTERM, SIGUSR1, SIGHUP}, before_)) {}

StopSignals::~StopSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

int StopSignals::next() const { return next_of(fd_); }

SuspendSignal::SuspendSignal() : fd_(signals_to_read({SIGTSTP}, before_)) {}

SuspendSignal::~SuspendSignal() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

bool SuspendSignal::take() const { return next_of(fd_) != 0; }

void SuspendSignal::stand_still() { raise(SIGSTOP); }

}  // namespace taskrun
