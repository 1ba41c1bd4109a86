// SPDX-License-Identifier: MIT
// One life of a run: from the start of mpirun to its end, whatever ends it. Who starts it again is
// supervisor.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/core/time.hpp"
#include "taskrun/launch/child.hpp"
#include "taskrun/launch/err_writer.hpp"
#include "taskrun/launch/launcher_text.hpp"
#include "taskrun/launch/life_signs.hpp"
#include "taskrun/launch/lifeline.hpp"
#include "taskrun/launch/stop_signals.hpp"
#include "taskrun/os/pipe.hpp"

namespace taskrun {

struct LaunchOptions {
  /// Until all ranks have started MPI. A rank that dies before makes the launcher wait for ever.
  Duration start_deadline = std::chrono::seconds(60);
  /// Those where ranks are started, as far as they are known; one that does not answer is named.
  std::vector<std::string> hosts;
  /// For rank 0 to end a run that is to stop; more than it gives its chunks.
  Duration stop_deadline = std::chrono::seconds(30);
  /// What is to be said when chunks are done, for the first time; nothing where it is empty.
  std::function<std::string()> on_progress;
  LifeLimits life;
  /// For the launcher to return after the verdict. With a lost host it never does.
  Duration return_deadline = std::chrono::seconds(1);
};

/// How it ended.
struct LaunchEnd {
  enum class How {
    verdict,      ///< rank 0 said how the run ended: exit_code
    stopped,      ///< a signal ended it, and rank 0 could not say how
    not_started,  ///< why
    died,         ///< the coordinator or the launcher died: why
  };
  How how = How::died;
  int exit_code = 0;
  int signal = 0;  ///< the first that came, if any
  std::string why;
  std::uint64_t chunks_done = 0;  ///< as rank 0 told last
  /// The ranks on this host that died by themselves while it ran, in that order.
  std::vector<std::uint32_t> dead;
};

/// Used by one thread.
class Launch {
 public:
  /// Starts mpirun. Throws Error (environment) where it cannot be started. All outlive the launch.
  /// `streams` are for rank 0.
  Launch(const ChildCommand& command, const LifelineServer& server, const StopSignals& signals,
         const SuspendSignal& suspend, Streams streams, const LaunchOptions& options);

  /// To its end; afterwards no process of it is left on this host.
  LaunchEnd run();

 private:
  enum class State { starting, running, stopping, ended };

  struct Peer {
    Lifeline line;
    Descriptor handle;
    std::optional<std::uint32_t> rank;
    bool started = false;  // MPI runs there
    bool gone = false;
  };

  void wait(Time until);
  void hear_all();
  /// Throws Shortage.
  void meet_newcomers();
  void hear(Peer& peer);
  void on_word(Peer& peer, const LifelineWord& word);
  void on_hello(Peer& peer, const LifelineWord& word);
  void on_word(const LifelineWord& word);
  void on_gone(Peer& peer);
  void on_signal(int number);
  void stand_still();
  void on_launcher_end();
  void on_deadline();
  void look_for_life();
  void on_no_life(LifeSigns::Finding finding);
  void read_launcher();
  void read_ranks();
  void show(const std::string& lines);
  void tell(const std::string& text);
  void finish_showing();
  void say_stop();
  void end(LaunchEnd::How how, const std::string& why);
  void set_deadline(Time deadline) { deadline_ = deadline; }
  std::string start_failure() const;
  std::string launcher_failure(int status) const;
  const Peer* first_rank() const;

  // The end of all processes.
  void end_processes();
  void wait_for_launcher(Duration longest);
  bool ranks_live() const;

  const LifelineServer& server_;
  const StopSignals& signals_;
  const SuspendSignal& suspend_;
  Streams streams_;
  const LaunchOptions options_;
  Child launcher_;
  ErrWriter err_;
  LauncherText text_;
  Pipe rank_err_;          // of the ranks on this host, but for rank 0
  WholeLines rank_lines_;  // that came through it
  std::vector<Peer> peers_;
  State state_ = State::starting;
  Time deadline_;
  LifeSigns life_;
  bool launcher_ended_ = false;
  bool err_ended_ = false;
  int signal_count_ = 0;
  LaunchEnd end_;
  std::string shortage_;  // why the rest cannot be watched
};

}  // namespace taskrun
