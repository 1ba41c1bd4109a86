// SPDX-License-Identifier: MIT
#include "taskrun/engine/stall_watch.hpp"

#include <algorithm>
#include <utility>

namespace taskrun {
namespace {

// When a journal that hangs is told of, unless the run ends sooner.
constexpr Duration journal_patience = std::chrono::seconds(30);

}  // namespace

StallWatch::Alarm StallWatch::look_at_chunks(Time now) {
  const Duration still = now - chunks_since_;
  if (still < options_.stalled_after / 2) return {};
  const bool told = std::exchange(chunks_told_, true);
  const bool over = still >= options_.stalled_after;
  if (told && !over) return {};
  Alarm alarm{"no chunk was finished for a while", {}};
  if (over) {
    alarm.end = "no chunk was finished for " +
                std::to_string(std::chrono::ceil<std::chrono::seconds>(still).count()) +
                " s (the state of every rank is above); if chunks may take that long, give a "
                "longer --stalled-after";
  }
  return alarm;
}

StallWatch::Alarm StallWatch::look_at_journal(const Recorder& recorder, Time now) {
  if (!recorder.in_flight()) {
    journal_told_ = false;
    return {};
  }
  const Duration waited = now - recorder.in_flight_since();
  const Duration deadline = std::min(options_.record_deadline, options_.stalled_after);
  if (waited < std::min(journal_patience, deadline / 2)) return {};
  const bool told = std::exchange(journal_told_, true);
  const bool over = waited >= deadline;
  if (told && !over) return {};
  Alarm alarm{"the journal has not been written for " +
                  std::to_string(static_cast<int>(seconds(waited))) +
                  " s: its disk does not answer, or somebody holds the file",
              {}};
  if (over) {
    alarm.end =
        alarm.tell + " (the state of every rank is above); when that is repaired, resume the run";
  }
  return alarm;
}

std::vector<std::string> state_of_all(const Plan& plan, const Roster& roster, Time now) {
  std::vector<std::string> lines{std::to_string(plan.done_count()) + " of " +
                                 std::to_string(plan.chunk_count()) + " are done, " +
                                 std::to_string(plan.pending_count()) + " wait, " +
                                 std::to_string(plan.lease_count()) + " leases are out"};
  std::vector<std::string> held(roster.size());
  for (const Lease& lease : plan.leases()) {
    held[lease.worker.value] +=
        ' ' + std::to_string(lease.chunks.begin + 1) + '-' + std::to_string(lease.chunks.end);
  }
  for (std::uint32_t rank = 0; rank < roster.size(); ++rank) {
    lines.push_back(roster.described(WorkerId{rank}, now) +
                    (held[rank].empty() ? "" : ", holds chunks" + held[rank]));
  }
  return lines;
}

}  // namespace taskrun
