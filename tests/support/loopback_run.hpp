// SPDX-License-Identifier: MIT
// A whole run whose ranks are threads of the test.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "taskrun/engine/rank.hpp"
#include "taskrun/net/loopback.hpp"
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

/// Runs a fresh J on `ranks` ranks; `configure` sets the members of each rank's job. Throws what
/// rank 0 throws.
template <class MakeJob>
LoopbackRun run_on_loopback(std::uint32_t ranks, const RunOptions& options, MakeJob make_job) {
  LoopbackRun run;
  TextSink sink;
  LoopbackHub hub(ranks);
  std::vector<Wakeup> wakeups(ranks);
  std::vector<std::unique_ptr<Transport>> transports;
  for (std::uint32_t r = 0; r < ranks; ++r) transports.push_back(hub.connect(r, wakeups[r]));
  std::exception_ptr error;
  const auto take_part = [&](std::uint32_t r) {
    const std::unique_ptr<Job> job = make_job();
    RecordingObserver silent;
    Rank rank(*transports[r], wakeups[r], *job, options, sink, r == 0 ? run.observer : silent);
    try {
      if (auto outcome = rank.run()) run.outcome = std::move(*outcome);
    } catch (...) {
      if (r == 0) error = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  for (std::uint32_t r = 1; r < ranks; ++r) others.emplace_back(take_part, r);
  take_part(0);
  for (auto& other : others) other.join();
  run.output = std::move(sink.text);
  run.details = std::move(sink.details);
  if (error) std::rethrow_exception(error);
  return run;
}

}  // namespace taskrun::testing
