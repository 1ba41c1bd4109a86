// SPDX-License-Identifier: MIT
#include "taskrun/launch/stop_signals.hpp"

#include <sys/signalfd.h>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

bool is_ignored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

StopSignals::StopSignals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) {
    if (!is_ignored(number)) sigaddset(&wanted, number);
  }
  sigprocmask(SIG_BLOCK, &wanted, &before_);
  fd_.reset(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_.open()) throw environment_error("signals cannot be waited for");
}

StopSignals::~StopSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

int StopSignals::next() const {
  signalfd_siginfo signal{};
  return read(fd_.fd(), &signal, sizeof signal) == sizeof signal
             ? static_cast<int>(signal.ssi_signo)
             : 0;
}

}  // namespace taskrun
