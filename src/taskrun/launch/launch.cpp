// SPDX-License-Identifier: MIT
#include "taskrun/launch/launch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "taskrun/core/printable.hpp"
#include "taskrun/launch/process_state.hpp"
#include "taskrun/launch/run_secret.hpp"
#include "taskrun/os/pidfd.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

// mpirun gives its ranks a second between SIGTERM and SIGKILL, on all hosts.
constexpr Duration termination_deadline = std::chrono::milliseconds(2500);
constexpr int moment_milliseconds = 20;
constexpr Duration last_text_deadline = std::chrono::seconds(1);
// For the kernel to end what was killed.
constexpr Duration launcher_kill_deadline = std::chrono::seconds(2);

bool has_ended(const Descriptor& process) {
  pollfd polled{process.fd(), POLLIN, 0};
  return !process.open() || poll(&polled, 1, 0) > 0;
}

std::string told(int status) {
  if (WIFSIGNALED(status)) return std::string("by signal ") + strsignal(WTERMSIG(status));
  return "with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Launch::Launch(const ChildCommand& command, const LifelineServer& server,
               const StopSignals& signals, const SuspendSignal& suspend, Streams streams,
               const LaunchOptions& options)
    : server_(server),
      signals_(signals),
      suspend_(suspend),
      streams_(std::move(streams)),
      options_(options),
      launcher_(command),
      err_(streams_.err.fd()),
      text_(server.secret()),
      rank_err_(make_pipe()),
      deadline_(steady_now() + options.start_deadline),
      life_(options.life) {
  fcntl(rank_err_.reader.fd(), F_SETFL, O_NONBLOCK);
}

LaunchEnd Launch::run() {
  while (state_ != State::ended) {
    wait(deadline_);
    if (state_ != State::ended && steady_now() >= deadline_) on_deadline();
    if (state_ == State::running) look_for_life();
  }
  if (end_.how == LaunchEnd::How::verdict) wait_for_launcher(options_.return_deadline);
  end_processes();
  if (!shortage_.empty()) throw Shortage(shortage_);
  return end_;
}

// --- what happens

void Launch::wait(Time until) {
  std::vector<pollfd> polled{{server_.fd(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}};
  polled.push_back({launcher_ended_ ? -1 : launcher_.ended_fd(), POLLIN, 0});
  polled.push_back({err_ended_ || err_.full() ? -1 : launcher_.err_fd(), POLLIN, 0});
  polled.push_back({suspend_.fd(), POLLIN, 0});
  polled.push_back({err_.full() ? -1 : rank_err_.reader.fd(), POLLIN, 0});
  polled.push_back({err_.empty() ? -1 : streams_.err.fd(), POLLOUT, 0});
  for (const Peer& peer : peers_) polled.push_back({peer.gone ? -1 : peer.line.fd(), POLLIN, 0});
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now());
  constexpr std::int64_t longest = 1000;  // should a deadline be far away
  poll(polled.data(), polled.size(),
       static_cast<int>(std::clamp<std::int64_t>(milliseconds.count(), 0, longest)));
  // Words before ends: a verdict counts although its rank is gone.
  hear_all();
  err_.write_some();
  if (polled[5].revents != 0) read_ranks();
  if (polled[3].revents != 0) read_launcher();
  if (polled[2].revents != 0) on_launcher_end();
  while (const int number = signals_.next()) on_signal(number);
  if (suspend_.take()) stand_still();
}

void Launch::hear_all() {
  try {
    meet_newcomers();
  } catch (const Shortage& shortage) {
    // Who cannot be met would be heard again and again.
    shortage_ = shortage.what();
    end(LaunchEnd::How::died, shortage_);
  }
  for (Peer& peer : peers_) hear(peer);
}

void Launch::meet_newcomers() {
  if (!shortage_.empty()) return;
  while (auto line = server_.accept()) {
    Descriptor handle = line->other_process_descriptor();
    if (!handle.open() && errno != ESRCH) throw_system_failure("watch a rank");
    peers_.push_back({std::move(*line), std::move(handle), {}, false, false});
  }
}

void Launch::hear(Peer& peer) {
  while (!peer.gone) {
    const auto heard = peer.line.hear();
    if (heard.what == Lifeline::Heard::What::nothing) return;
    if (heard.what == Lifeline::Heard::What::end) return on_gone(peer);
    on_word(peer, heard.word);
  }
}

void Launch::on_word(Peer& peer, const LifelineWord& word) {
  if (word.kind == LifelineWord::Kind::hello) return on_hello(peer, word);
  if (!peer.rank) {
    // No rank of this run: it is not listened to.
    peer.gone = true;
    return;
  }
  if (word.kind == LifelineWord::Kind::started) peer.started = true;
  if (*peer.rank == 0) on_word(word);
}

// Any program of this user may connect, also one that a rank has started.
void Launch::on_hello(Peer& peer, const LifelineWord& word) {
  peer.gone = peer.rank || word.value != secret_number(server_.secret());
  if (peer.gone) return;
  peer.rank = word.rank;
  if (word.rank == 0) return give_streams(peer.line, streams_);
  Streams streams;
  streams.err.reset(fcntl(rank_err_.writer.fd(), F_DUPFD_CLOEXEC, 0));
  give_streams(peer.line, streams);
}

void Launch::on_word(const LifelineWord& word) {
  life_.on_word();
  switch (word.kind) {
    case LifelineWord::Kind::alive:
      return life_.on_moves(word.value);
    case LifelineWord::Kind::started:
      if (state_ != State::starting) return;
      state_ = State::running;
      text_.on_started();
      return set_deadline(never);
    case LifelineWord::Kind::progress:
      if (end_.chunks_done == 0 && options_.on_progress) tell(options_.on_progress());
      end_.chunks_done = word.value;
      return;
    case LifelineWord::Kind::verdict:
      end_.exit_code = static_cast<int>(word.value);
      return end(LaunchEnd::How::verdict, "");
    default:
      return;
  }
}

void Launch::on_gone(Peer& peer) {
  peer.gone = true;
  if (state_ == State::ended || !peer.rank) return;
  end_.dead.push_back(*peer.rank);
  if (*peer.rank == 0) {
    if (state_ == State::starting) return end(LaunchEnd::How::not_started, start_failure());
    // A rank dies with its launcher, a moment before that counts as dead: that is the cause then.
    pollfd launcher{launcher_.ended_fd(), POLLIN, 0};
    poll(&launcher, 1, moment_milliseconds);
    on_launcher_end();
    end(state_ == State::stopping ? LaunchEnd::How::stopped : LaunchEnd::How::died,
        "the coordinator (rank 0, pid " + std::to_string(peer.line.other_process()) + ") died");
  } else if (state_ == State::starting && !peer.started) {
    end(LaunchEnd::How::not_started,
        "rank " + std::to_string(*peer.rank) + " died while the ranks were starting");
  }
}

void Launch::on_signal(int number) {
  if (end_.signal == 0) end_.signal = number;
  ++signal_count_;
  if (state_ == State::ended) return;
  // Who asks twice means it; and a run that has not begun has nothing to save.
  if (state_ == State::starting || (state_ == State::stopping && number == SIGINT)) {
    return end(LaunchEnd::How::stopped, "");
  }
  if (state_ == State::stopping) return;
  state_ = State::stopping;
  set_deadline(steady_now() + options_.stop_deadline);
  say_stop();
}

// mpirun stops the ranks, on all hosts, and stays awake itself. The time does not count.
void Launch::stand_still() {
  const Time begun = steady_now();
  launcher_.suspend();
  SuspendSignal::stand_still();
  launcher_.go_on();
  if (deadline_ != never) deadline_ += steady_now() - begun;
}

// To rank 0; where that is on another host by a signal, which mpirun passes on to all ranks.
void Launch::say_stop() {
  const Peer* const first = first_rank();
  if (first == nullptr) return launcher_.signal(SIGUSR1);
  first->line.say({LifelineWord::Kind::stop, 0, static_cast<std::uint64_t>(end_.signal)});
}

// Nothing where it is on another host.
const Launch::Peer* Launch::first_rank() const {
  for (const Peer& peer : peers_) {
    if (!peer.gone && peer.rank == 0U) return &peer;
  }
  return nullptr;
}

void Launch::look_for_life() {
  const auto finding = life_.look(steady_now());
  if (finding == LifeSigns::Finding::goes_on) return tell("rank 0 goes on");
  if (finding != LifeSigns::Finding::none) on_no_life(finding);
}

void Launch::on_no_life(LifeSigns::Finding finding) {
  const Peer* const first = first_rank();
  const pid_t process = first == nullptr ? 0 : first->line.other_process();
  const ProcessState state = first == nullptr ? ProcessState{} : state_of_process(process);
  const bool silent =
      finding == LifeSigns::Finding::silent || finding == LifeSigns::Finding::silent_for_good;
  std::string text =
      "rank 0 (" + (first == nullptr ? "on another host" : "pid " + std::to_string(process)) +
      (silent ? ") has given no sign of life for " : ") has not looked at its messages for ") +
      std::to_string(static_cast<int>(seconds(life_.since()))) + " s";
  if (!state.why.empty()) text += ": " + state.why;
  if (finding == LifeSigns::Finding::silent || finding == LifeSigns::Finding::still) {
    return tell("warning: " + text);
  }
  // Whoever looks at it with a debugger wants it as it is.
  if (!state.traced) end(LaunchEnd::How::died, text);
}

void Launch::on_launcher_end() {
  const auto status = launcher_.reap();
  if (!status) return;
  launcher_ended_ = true;
  read_launcher();
  if (state_ == State::starting) {
    return end(LaunchEnd::How::not_started, launcher_failure(*status));
  }
  if (state_ == State::ended) return;
  // One that was killed takes its ranks along; one that ends in peace has none left.
  const bool in_peace = WIFEXITED(*status) && WEXITSTATUS(*status) == 0;
  if (!in_peace) end_.dead.clear();
  end(state_ == State::stopping ? LaunchEnd::How::stopped : LaunchEnd::How::died,
      "mpirun ended " + told(*status));
}

void Launch::on_deadline() {
  if (state_ == State::stopping) {
    return end(LaunchEnd::How::stopped, "rank 0 did not end the run in time");
  }
  std::string why = text_.cause();
  const std::string unanswered = hosts_being_reached(launcher_.process(), options_.hosts);
  const std::string in_time =
      "within " + std::to_string(static_cast<int>(seconds(options_.start_deadline))) + " s";
  if (!unanswered.empty()) {
    why = "no answer " + in_time + " from " + unanswered +
          ": ssh to it does not come back (does it ask for a password?); leave it out, or give a "
          "longer --start-deadline";
  } else if (why.empty()) {
    why = "the ranks did not start " + in_time + "; does the program run on every host?";
  }
  end(LaunchEnd::How::not_started, why);
}

std::string Launch::launcher_failure(int status) const {
  const std::string cause = text_.cause();
  if (!cause.empty()) return cause;
  const std::string said = text_.last_line();
  return "mpirun ended " + told(status) + " before the ranks had started" +
         (said.empty() ? "" : " (" + said + ")") +
         "; is the mpirun in PATH that of Open MPI, and does it start other programs?";
}

std::string Launch::start_failure() const {
  const std::string cause = text_.cause();
  return cause.empty() ? "the ranks could not be started" : cause;
}

void Launch::end(LaunchEnd::How how, const std::string& why) {
  if (state_ == State::ended) return;
  state_ = State::ended;
  end_.how = how;
  end_.why = why;
  set_deadline(never);
}

// --- what the launcher writes

void Launch::read_launcher() {
  std::array<char, 65536> buffer{};
  ssize_t size = -1;
  while (!err_.full() && (size = read(launcher_.err_fd(), buffer.data(), buffer.size())) > 0) {
    show(text_.filter({buffer.data(), static_cast<std::size_t>(size)}));
  }
  if (size == 0) {
    err_ended_ = true;
    show(text_.rest());
  }
  for (const LifelineWord& word : text_.take_words()) on_word(word);
  if (text_.hopeless() && state_ == State::starting) {
    end(LaunchEnd::How::not_started, text_.cause());
  }
}

void Launch::read_ranks() {
  std::array<char, 65536> buffer{};
  ssize_t size = 0;
  while (!err_.full() && (size = read(rank_err_.reader.fd(), buffer.data(), buffer.size())) > 0) {
    show(text_.filter_ranks(rank_lines_.add({buffer.data(), static_cast<std::size_t>(size)})));
  }
}

void Launch::show(const std::string& lines) {
  if (lines.empty()) return;
  // Where rank 0 has drawn a bar.
  const std::string whole = isatty(streams_.err.fd()) != 0 ? "\r\x1b[K" + lines : lines;
  err_.add(whole);
  err_.write_some();
}

// Whoever waited for the user to read it would be deaf meanwhile.
void Launch::tell(const std::string& text) {
  if (!text.empty()) show("taskrun: " + printable(text) + "\n");
}

// Once it is asked to end it does not wait long for who reads.
void Launch::finish_showing() {
  const Time hurried_until = steady_now() + last_text_deadline;
  pollfd polled[2] = {{streams_.err.fd(), POLLOUT, 0}, {signals_.fd(), POLLIN, 0}};
  const auto may_wait = [&] { return signal_count_ == 0 || steady_now() < hurried_until; };
  for (err_.write_some(); !err_.empty() && may_wait(); err_.write_some()) {
    poll(polled, 2, signal_count_ == 0 ? -1 : moment_milliseconds);
    while (const int number = signals_.next()) on_signal(number);
  }
}

// --- the end of all processes

void Launch::wait_for_launcher(Duration longest) {
  const Time until = steady_now() + longest;
  while (!launcher_ended_ && steady_now() < until) {
    wait(until);
    // Whoever is in a hurry.
    if (signal_count_ > 1) return;
  }
}

bool Launch::ranks_live() const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [](const Peer& peer) { return peer.rank && !has_ended(peer.handle); });
}

void Launch::end_processes() {
  if (!launcher_ended_) {
    // It ends the ranks on other hosts.
    launcher_.signal(SIGTERM);
    wait_for_launcher(termination_deadline);
  }
  if (!launcher_ended_) {
    launcher_.signal(SIGKILL);
    wait_for_launcher(launcher_kill_deadline);
  }
  // Its own end is its children's, in time. These are those whose time is over.
  end_children();
  hear_all();
  for (const Peer& peer : peers_) {
    if (peer.rank) send_signal(peer.handle, SIGKILL);
  }
  streams_.out.reset();
  const Time until = steady_now() + launcher_kill_deadline;
  while (ranks_live() && steady_now() < until) poll(nullptr, 0, 1);
  const Peer* const first = first_rank();
  if (first != nullptr && !has_ended(first->handle)) {
    end_.why += "; it cannot be ended (" + state_of_process(first->line.other_process()).why + ")";
  }
  do {
    read_launcher();
    read_ranks();
    finish_showing();
  } while (err_.full() && signal_count_ == 0);
  if (const std::string rest = rank_lines_.rest(); !rest.empty()) show(rest + "\n");
  finish_showing();
}

}  // namespace taskrun
