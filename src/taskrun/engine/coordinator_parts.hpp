// SPDX-License-Identifier: MIT
// What a coordinator is made of, for those of its parts that work on the others.
#pragma once

#include <string>
#include <utility>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/coordinator_options.hpp"
#include "taskrun/engine/outbox.hpp"
#include "taskrun/engine/recorder.hpp"
#include "taskrun/engine/roster.hpp"
#include "taskrun/job/job.hpp"
#include "taskrun/schedule/plan.hpp"

namespace taskrun {

/// All of it outlives whoever holds this.
struct CoordinatorParts {
  const Job& job;
  const Grid& grid;
  const CoordinatorOptions& options;
  Collector& collector;
  Plan& plan;
  Roster& roster;
  Recorder& recorder;
  Outbox& outbox;

  void send(WorkerId to, ToWorker message, Time now) const {
    roster[to].spoken = now;
    outbox.send(to.value, std::move(message));
  }
  /// For the run's log, and for the journal's.
  void tell(Level level, std::string text) const {
    recorder.on_event({level, text});
    outbox.tell(level, std::move(text));
  }
};

}  // namespace taskrun
