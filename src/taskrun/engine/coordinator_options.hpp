// SPDX-License-Identifier: MIT
// What holds for a coordinator beside the rules of its run. All parts of it see the same.
#pragma once

#include <cstdint>

#include "taskrun/core/time.hpp"
#include "taskrun/engine/run_rules.hpp"
#include "taskrun/protocol/messages.hpp"

namespace taskrun {

/// The rules' lost_after and the heartbeats are stretched for many thousand workers.
struct CoordinatorOptions : RunRules {
  std::uint32_t worker_count = 1;  ///< ranks; worker i runs on rank i
  /// Of a dataset that ships: also to rank 0's worker, whose chunks are computed where the dataset
  /// is not.
  bool ship_to_all = false;
  /// No new leases while this much output waits.
  std::uint64_t output_budget_bytes = std::uint64_t{64} << 20;
  /// Silence is broken this often.
  Duration heartbeat_interval = std::chrono::milliseconds(500);
  /// A record that is not durable by then ends the run, as does stalled_after. Disks answer within
  /// milliseconds, a file server that is started again within minutes.
  Duration record_deadline = std::chrono::minutes(10);
  /// A rank that has not said hello by then ends the run.
  Duration hello_deadline = std::chrono::seconds(60);
  /// How long goodbyes are waited for at the end.
  Duration goodbye_deadline = std::chrono::seconds(2);
  /// The coordinator's own process, for workers that can see whether it lives.
  ProcessName process{};
  /// Whether there is a journal: results count once they are durable.
  bool keeps_records = false;
  /// How often records are made. With the time that slots (15 ms) and, of many ranks, workers
  /// (20 us for each rank) keep results to themselves it is what a crash at any instant may cost.
  Duration record_interval = std::chrono::milliseconds(80);
};

}  // namespace taskrun
