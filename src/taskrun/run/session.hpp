// SPDX-License-Identifier: MIT
// Runs, without a command line: wires and drives them over the ranks of a transport, or on the
// cores of this process alone.
//
//   taskrun::Registry jobs;
//   jobs.add<Sieve>("sieve", "count the primes of an interval");
//   taskrun::Session session(jobs);
//   session.run({"sieve", {{"limit", "1e9"}}}).print(std::cout);
//
// Over several ranks each makes its session with its end of the transport; rank 0 starts the runs,
// and the others serve it. What a run computes reaches them by message.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "taskrun/core/ids.hpp"
#include "taskrun/engine/idle_wait.hpp"
#include "taskrun/engine/peer_watch.hpp"
#include "taskrun/engine/rank.hpp"
#include "taskrun/job/registry.hpp"
#include "taskrun/net/channels.hpp"
#include "taskrun/protocol/job_spec.hpp"
#include "taskrun/protocol/session_messages.hpp"

namespace taskrun {

struct SessionOptions {
  std::uint64_t build = 0;  ///< tells builds of the program apart; 0: by the program's file
  std::uint32_t slots = 0;  ///< of this rank, for each run; 0: by the job's nature and the cores
  std::uint32_t local_ranks = 1;  ///< on this host, which share its cores
  /// Sets what this rank computes a run with, once its job is made: slots, zygote, marks. Empty: as
  /// above, in threads.
  std::function<void(const Job&, RunOptions&)> equip{};
  /// How long another rank waits for the first run before it ends with an Error; never: as long as
  /// rank 0 lives.
  Duration first_run_deadline = Duration::max();
};

/// What a run ended with.
struct RunResult : RunOutcome {
  std::shared_ptr<const Job> job;
  std::string text;  ///< of a job that emits, where the run had no sink

  /// As the program prints it, of a complete run.
  void print(std::ostream& out) const;
};

/// Used by one thread.
class Session {
 public:
  /// Makes the job of a spec, on every rank; throws Error (usage).
  using MakeJob = std::function<std::shared_ptr<Job>(const JobSpec&)>;

  /// On this process alone. The registry outlives the session.
  explicit Session(const Registry& jobs, SessionOptions options = {});
  /// One of the ranks of a transport, which outlives the session, as does `wakeup`, which the
  /// transport notifies.
  Session(Transport& transport, Wakeup& wakeup, const Registry& jobs, SessionOptions options = {});
  Session(Transport& transport, Wakeup& wakeup, MakeJob make_job, SessionOptions options = {});
  /// On rank 0 closes.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::uint32_t rank() const { return channels_.transport().rank(); }

  // --- on rank 0

  /// What is usual for that job: its schedule and retries. Throws Error (usage).
  RunOptions options_for(const JobSpec& spec) const;
  /// Begins a run; others go on beside it. Sink and observer, where there are any, outlive it. What
  /// cannot begin for its dataset ends with an error later. Throws Error (usage) for what is no job
  /// of this program.
  RunId start(const JobSpec& spec, const RunOptions& options, Sink* sink = nullptr,
              RunObserver* observer = nullptr);
  /// Does what there is to do for all runs, without waiting. Whether there was anything.
  bool step();
  /// Whether that run has ended. Throws Error (usage) for one whose result was taken, or that never
  /// began.
  bool is_over(RunId run) const;
  /// Drives all runs until this one has ended, and takes its result. Throws Error for a run that
  /// could not be completed, as Rank::end does; and Error (usage) as is_over() does.
  RunResult wait(RunId run);
  /// Both, one after the other.
  RunResult run(const JobSpec& spec, const RunOptions& options, Sink* sink = nullptr,
                RunObserver* observer = nullptr);
  RunResult run(const JobSpec& spec) { return run(spec, options_for(spec)); }
  /// Ends the runs that go on, without a result, and lets the other ranks go. No run can be started
  /// after it.
  void close();

  // --- on other ranks

  /// Takes part in the runs that rank 0 starts, until it closes its session. Throws Error when rank
  /// 0 is gone.
  void serve();

  /// Frames that came for runs that were over, and were dropped.
  std::uint64_t late_count() const { return channels_.late_count(); }
  /// Whether a job's code still holds threads after the end of its run: the process must end around
  /// them (std::_Exit).
  bool is_stuck() const { return is_stuck_; }

 private:
  struct Alone;
  struct Run;

  Session(std::unique_ptr<Alone> alone, MakeJob make_job, SessionOptions options);
  Run& begin(RunId id, const JobSpec& spec, std::shared_ptr<Job> job, RunOptions options,
             Sink* sink, RunObserver* observer);
  /// Tells the other runs whose processes this one has seen end.
  void share_deaths(const Run& run, Time now);
  void end(Run& run);
  void on(const StartRun& message);
  void on(const CloseSession& message);
  void refuse(const StartRun& message, const std::string& why);
  bool take_messages();
  template <class Done>
  void drive_until(const Done& done);
  void look_for_rank_0();
  Time next_deadline() const;
  Run& known(RunId run) const;

  std::unique_ptr<Alone> alone_;  // what a session on this process alone owns
  Wakeup& wakeup_;
  Channels channels_;
  const MakeJob make_job_;
  SessionOptions options_;
  std::map<RunId, std::unique_ptr<Run>> runs_;  // whose results have not been taken
  IdleWait idle_;
  const Time opened_ = steady_now();
  RunId last_run_{};
  bool is_closed_ = false;
  bool is_stuck_ = false;
  PeerWatch peers_;               // rank 0, on others
  std::set<std::uint32_t> gone_;  // ranks whose processes have ended
};

}  // namespace taskrun
