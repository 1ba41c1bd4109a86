// SPDX-License-Identifier: MIT
// A rank's side of its supervisor, if it has one: what it tells, and what it gets from there. The
// other side is launch/.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/standard_streams.hpp"
#include "taskrun/exec/chunk_marks.hpp"
#include "taskrun/launch/lifeline.hpp"
#include "taskrun/launch/rank_environment.hpp"
#include "taskrun/net/launched_rank.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// From the start of the process to its end. Each call may be made from any thread.
class Supervision {
 public:
  /// Without a supervisor.
  Supervision() = default;
  /// Connects, where this rank was started under a supervisor, and ties this process' life to its
  /// launcher's. The streams become those that the supervisor gives; `streams` says which. Call
  /// before MPI is initialised and before there are threads.
  Supervision(const std::optional<LaunchedRank>& launched, const RankEnvironment& told,
              StandardStreams& streams);

  /// The line; nothing where there is no supervisor, or on another host.
  const Lifeline* line() const { return line_ ? &*line_ : nullptr; }

  /// Whether there is one, here or elsewhere.
  bool supervised() const { return supervised_; }

  /// What it gave to the ranks of this run alone; empty where there is none.
  const std::string& secret() const { return told_.secret; }
  /// What this rank was told at its start; all but lifeline, secret and shared folder
  /// also without a supervisor.
  const RankEnvironment& told() const { return told_; }

  /// Where the supervisor sees what this rank's slots are at; none where it does not look.
  std::shared_ptr<ChunkMarks> chunk_marks(std::uint32_t slots) const;
  /// For all ranks: MPI runs.
  void tell_started() const { tell(LifelineWord::Kind::started, 0); }
  /// For a rank that was cut off from rank 0: ends its host's part of the launcher, which would
  /// wait for orders for ever. The supervisor's own host is the supervisor's matter.
  void end_launcher() const;
  /// For rank 0, every second: how often it has looked at its messages. Never waits.
  void tell_alive(std::uint64_t moves) const;
  /// For rank 0.
  void tell_progress(std::uint64_t chunks_done) const;
  /// For rank 0: how the run ends. Nothing that follows changes the exit code.
  void tell_verdict(int exit_code) const;

 private:
  void tell(LifelineWord::Kind kind, std::uint64_t value) const;
  void meet_supervisor(StandardStreams& streams);
  void take_streams(StandardStreams& streams);
  void mark_stderr();

  RankEnvironment told_;  // the shared folder is the supervisor's host's
  std::optional<Lifeline> line_;
  bool supervised_ = false;
  std::uint32_t rank_ = 0;
  // On another host than its supervisor: rank 0 tells it on the launcher's stderr, with the secret.
  bool far_ = false;
  // What the launcher gave as stderr. A rank without both of its outputs has ended, mpirun
  // thinks, and passes no stdin on to it.
  Descriptor launcher_err_;
};

}  // namespace taskrun
