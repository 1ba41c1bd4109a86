// SPDX-License-Identifier: MIT
// Notices a run that does not get on: no chunk is finished, or the journal is not written. Part of
// the coordinator, and pure like it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "taskrun/engine/coordinator_options.hpp"
#include "taskrun/engine/recorder.hpp"
#include "taskrun/engine/roster.hpp"
#include "taskrun/schedule/plan.hpp"

namespace taskrun {

class StallWatch {
 public:
  /// What is to be done, in this order.
  struct Alarm {
    std::string tell;  ///< why the state of all ranks is told; empty: it is not
    std::string end;   ///< why the run ends; empty: it goes on
  };

  /// Options outlive it.
  StallWatch(const CoordinatorOptions& options, Time now) : options_(options), chunks_since_(now) {}

  /// Some were tried.
  void on_chunks(Time now) {
    chunks_since_ = now;
    chunks_told_ = false;
  }
  /// That none are is not the workers' fault.
  void excuse_chunks(Time now) { chunks_since_ = now; }
  /// A pause of ours is nobody's stall.
  void forgive(Duration pause) { chunks_since_ += pause; }

  // At every beat.
  Alarm look_at_chunks(Time now);
  Alarm look_at_journal(const Recorder& recorder, Time now);

 private:
  const CoordinatorOptions& options_;
  Time chunks_since_;
  bool chunks_told_ = false;
  bool journal_told_ = false;
};

/// How far the run is, and a line for each rank: its state and what it holds.
std::vector<std::string> state_of_all(const Plan& plan, const Roster& roster, Time now);

}  // namespace taskrun
