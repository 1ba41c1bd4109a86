// SPDX-License-Identifier: MIT
#include "app/chaos_hand.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

#include "taskrun/core/error.hpp"
#include "taskrun/job/number.hpp"
#include "taskrun/os/host_name.hpp"
#include "taskrun/os/pipe.hpp"

namespace taskrun {
namespace {

struct NamedTime {
  const char* name;
  Duration Chaos::*time;
};
constexpr std::array<NamedTime, 5> times{{{"kill", &Chaos::kill},
                                          {"stop", &Chaos::stop},
                                          {"delay", &Chaos::delay},
                                          {"drop-host", &Chaos::drop_host},
                                          {"coordinator", &Chaos::coordinator}}};

Error bad_chaos(std::string_view text, const std::string& what) {
  return usage_error("--chaos " + std::string(text) + ": " + what +
                     "; write 7, or 7,kill=10s,stop=10s,delay=100ms,drop-host=30s,coordinator=30s");
}

void set_time(Chaos& chaos, std::string_view setting, std::string_view whole) {
  const auto equals = setting.find('=');
  for (const auto& [name, time] : times) {
    if (setting.substr(0, equals) != name) continue;
    const auto value = equals == std::string_view::npos
                           ? std::nullopt
                           : parse_duration(setting.substr(equals + 1));
    if (!value) throw bad_chaos(whole, std::string(name) + " needs a time");
    chaos.*time = *value;
    return;
  }
  throw bad_chaos(whole, "there is no '" + std::string(setting.substr(0, equals)) + "'");
}

// The victim's death must be seen by those who hold the other ends of what it has open.
void close_all_but(int kept) {
  constexpr int most_descriptors = 1024;
  for (int fd = 0; fd < most_descriptors; ++fd) {
    if (fd != kept) close(fd);
  }
}

[[noreturn]] void carry_out(const std::vector<Fault>& faults, pid_t victim, int begin) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != victim) _exit(0);
  close_all_but(begin);
  char nothing = 0;
  [[maybe_unused]] const auto end = read(begin, &nothing, 1);
  Duration now{};
  for (const Fault& fault : faults) {
    std::this_thread::sleep_for(fault.at - now);
    now = fault.at;
    kill(victim, fault.kind == Fault::Kind::kill   ? SIGKILL
                 : fault.kind == Fault::Kind::stop ? SIGSTOP
                                                   : SIGCONT);
  }
  _exit(0);
}

}  // namespace

Chaos parse_chaos(std::string_view text) {
  Chaos chaos;
  auto comma = std::min(text.find(','), text.size());
  const auto seed = parse_count(text.substr(0, comma));
  if (!seed) throw bad_chaos(text, "a seed, a whole number, comes first");
  chaos.seed = *seed;
  if (comma == text.size()) {
    chaos.kill = chaos.stop = std::chrono::seconds(10);
    chaos.delay = std::chrono::milliseconds(100);
  }
  while (comma < text.size()) {
    const auto begin = comma + 1;
    comma = std::min(text.find(',', begin), text.size());
    set_time(chaos, text.substr(begin, comma - begin), text);
  }
  return chaos;
}

std::optional<ChaosHere> chaos_here(const LaunchedRank& launched, const Supervision& supervision) {
  const RankEnvironment& told = supervision.told();
  if (told.chaos.empty()) return std::nullopt;
  ChaosHere here;
  here.chaos = parse_chaos(told.chaos);
  here.rank = {launched.rank, host_name(), supervision.line() == nullptr, told.restart};
  return here;
}

Descriptor start_chaos_hand(const ChaosHere& here) {
  const auto faults = faults_of(here.chaos, here.rank);
  Pipe pipe = make_pipe();
  const pid_t victim = getpid();
  if (!faults.empty() && fork() == 0) carry_out(faults, victim, pipe.reader.fd());
  return std::move(pipe.writer);
}

std::optional<Received> DelayingTransport::receive() {
  if (const auto delay = delays_.next(steady_now()); delay > Duration::zero()) {
    std::this_thread::sleep_for(delay);
  }
  return inner_.receive();
}

}  // namespace taskrun
