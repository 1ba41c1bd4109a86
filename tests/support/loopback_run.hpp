// SPDX-License-Identifier: MIT
// A whole run whose ranks are threads of the test.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "loopback_ranks.hpp"
#include "taskrun/run/session.hpp"
#include "text_sink.hpp"

namespace taskrun::testing {

class RecordingObserver final : public RunObserver {
 public:
  void on_event(const Event& event) override { events.push_back(event); }
  void on_progress(const Progress& p) override { progress = p; }
  std::vector<Event> events;
  Progress progress;
};

struct LoopbackRun {
  RunOutcome outcome;
  std::string output;
  std::string details;  ///< of failed chunks
  RecordingObserver observer;
};

/// Runs a fresh job on `ranks` ranks; each rank makes its own. Throws what rank 0 throws.
template <class MakeJob>
LoopbackRun run_on_loopback(std::uint32_t ranks, const RunOptions& options, MakeJob make_job) {
  LoopbackRanks loopback(ranks);
  const auto session_of = [&](std::uint32_t r) {
    SessionOptions session;
    session.slots = options.slots;
    return std::make_unique<Session>(
        *loopback.transports[r], loopback.wakeups[r], [&](const JobSpec&) { return make_job(); },
        session);
  };
  std::vector<std::jthread> others;
  for (std::uint32_t r = 1; r < ranks; ++r) {
    others.emplace_back([&, r] { session_of(r)->serve(); });
  }
  LoopbackRun run;
  TextSink sink;
  run.outcome = session_of(0)->run({}, options, &sink, &run.observer);
  run.output = std::move(sink.text);
  run.details = std::move(sink.details);
  return run;
}

}  // namespace taskrun::testing
