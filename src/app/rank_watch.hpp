// SPDX-License-Identifier: MIT
// What a process that runs a job listens to besides its run, in a thread of its own so that nothing
// can make it deaf: signals, its supervisor, and whether its message thread still moves.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>

#include "app/supervision.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/engine/stop_request.hpp"
#include "taskrun/net/transport.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// One in a process.
class RankWatch {
 public:
  /// On rank 0 SIGINT, SIGTERM, SIGUSR1 and SIGHUP, and the supervisor, raise stop(); asked again,
  /// or where the run does not listen (yet, or because nobody reads what it writes), the process
  /// ends. Other ranks wait for rank 0 to end the run, but
  /// not for ever. A signal that was ignored when the program began stays ignored. The supervision
  /// outlives the watch. A rank alone never waits for MPI. `told` is set with the first signal.
  RankWatch(const std::optional<LaunchedRank>& launched, const Supervision& supervision,
            std::shared_ptr<std::atomic<bool>> told = nullptr);
  ~RankWatch();
  RankWatch(const RankWatch&) = delete;
  RankWatch& operator=(const RankWatch&) = delete;

  StopRequest& stop() { return stop_; }
  /// The first signal, 0 if there was none. Also one that the supervisor passed on.
  int signal() const { return signal_; }

  /// MPI has started. It never does where a rank is gone too early: the process ends without this
  /// call.
  void started() { waits_for_mpi_ = false; }
  /// From the message thread, again and again: it goes to MPI, and comes back. From the first time
  /// on, standing still for minutes ends the process, and in MPI much less: MPI never takes long,
  /// but can hang where another process died.
  void enter_mpi() {
    in_mpi_ = true;
    ++moves_;
  }
  void leave_mpi() { in_mpi_ = false; }
  /// The run is over, and its result is being told: that may take as long as its reader likes, but
  /// not after stop() was raised, or past that time.
  void telling(Time stop_at);
  void told() { phase_ = Phase::told; }
  /// The run is over: the process ends with this code, at the latest in a few seconds.
  void expect_end(int exit_code);

 private:
  enum class Phase { running, telling, told };

  void watch();
  void on_supervisor();
  void ask(int number);
  void look_at_time();
  bool is_unheard();
  void tell_alive();

  const std::uint32_t rank_;
  const Supervision& supervision_;
  const std::shared_ptr<std::atomic<bool>> told_;
  StopRequest stop_;
  Descriptor bell_;  // rung at the end
  Descriptor signals_;
  std::atomic<int> signal_ = 0;
  std::atomic<bool> waits_for_mpi_;
  std::atomic<std::uint64_t> moves_ = 0;
  std::atomic<bool> in_mpi_ = false;
  std::atomic<int> exit_code_ = -1;
  std::atomic<Phase> phase_ = Phase::running;
  std::atomic<Time> tell_until_ = never;

  // The thread's own.
  std::uint64_t moves_seen_ = 0;
  Duration still_{};  // has not moved for so long
  Time told_alive_{};
  Time end_at_ = never;  // at the latest
  int asked_count_ = 0;
  bool ever_heard_ = false;
  Time heard_at_{};  // the stop, by the run
  std::thread thread_;
};

/// Tells a watch of each call that goes to MPI.
class WatchedTransport final : public Transport {
 public:
  /// Both outlive it.
  WatchedTransport(Transport& inner, RankWatch& watch) : inner_(inner), watch_(watch) {}

  std::uint32_t rank() const override { return inner_.rank(); }
  std::uint32_t size() const override { return inner_.size(); }
  void send(std::uint32_t to, Frame frame) override {
    const Call call(watch_);
    inner_.send(to, std::move(frame));
  }
  std::optional<Received> receive() override {
    const Call call(watch_);
    return inner_.receive();
  }
  Duration longest_sleep() const override { return inner_.longest_sleep(); }

 private:
  // Comes back also where it throws.
  class Call {
   public:
    explicit Call(RankWatch& watch) : watch_(watch) { watch_.enter_mpi(); }
    ~Call() { watch_.leave_mpi(); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    RankWatch& watch_;
  };

  Transport& inner_;
  RankWatch& watch_;
};

}  // namespace taskrun
