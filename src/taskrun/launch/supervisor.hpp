// SPDX-License-Identifier: MIT
// A run that goes on when its coordinator or its launcher dies: started again from its journal, as
// long as that helps.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "taskrun/launch/launch.hpp"
#include "taskrun/launch/output_relay.hpp"
#include "taskrun/report/console.hpp"

namespace taskrun {

struct SupervisorOptions {
  LaunchOptions launch;
  int in = -1;  ///< what becomes rank 0's stdin; -1: what mpirun passes on
  int out = 1;  ///< the user's stdout; -1: it is closed
  int err = 2;
  /// The command of start number `restart` (0: the first).
  std::function<ChildCommand(std::uint64_t restart)> command;
  /// The chunks that a rank of this host was computing when it died.
  std::function<std::vector<std::uint64_t>(std::uint32_t rank)> chunks_of;
  /// From the next start on each chunk is computed in a process of its own. None where it is so
  /// already, or would not help.
  std::function<void()> isolate;
  /// Called after each death, when no process of it is left.
  std::function<void()> clean_up;
  std::uint64_t most_restarts = 100;
  /// Whether the journal holds enough to start the run again from it, and the command that does so
  /// after this supervisor's end.
  std::string resume_command;
  std::function<bool()> resumable;
};

/// Used by one thread.
class Supervisor {
 public:
  /// The console outlives it.
  Supervisor(SupervisorOptions options, const LifelineServer& server, Console& console)
      : options_(std::move(options)), server_(server), console_(console), relay_(options_.out) {}

  /// To the end of the run; the exit code. Throws Error (environment) for a run that could not be
  /// completed.
  int run();

 private:
  std::string go_on() const { return "; continue with: " + options_.resume_command; }
  LaunchEnd start();
  Streams make_streams();
  void finish_output(bool asked_to_stop);
  int stopped(const LaunchEnd& end) const;
  void say(const std::string& text) const;
  void judge(const LaunchEnd& end);
  void count_deaths(const LaunchEnd& end);
  std::string suspicion() const;
  int wait_for_signal(Duration longest) const;

  const SupervisorOptions options_;
  const LifelineServer& server_;
  Console& console_;
  const StopSignals signals_;
  const SuspendSignal suspend_;
  OutputRelay relay_;
  std::uint64_t restarts_ = 0;
  std::uint64_t fruitless_ = 0;  // restarts in a row that brought nothing
  std::uint64_t chunks_done_ = 0;
  std::map<std::uint64_t, std::uint64_t> deaths_;  // of ranks, by the chunk that they were at
  bool isolated_ = false;
};

}  // namespace taskrun
