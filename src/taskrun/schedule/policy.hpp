// SPDX-License-Identifier: MIT
// How long the next lease is: the schedules.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "taskrun/core/time.hpp"

namespace taskrun {

enum class Schedule {
  automatic,  ///< factoring, weighted by the measured speed of each worker
  fixed,      ///< "static": one equal share for each slot
  dynamic,    ///< one chunk at a time
  guided,     ///< what is left, divided by the slots
  factoring,  ///< half of what is left, in equal leases for all slots; then half of the rest …
};

/// "auto", "static", "dynamic", "guided", "factoring", and back.
std::optional<Schedule> schedule_named(std::string_view name);
std::string_view name_of(Schedule schedule);
inline constexpr std::array all_schedules{Schedule::automatic, Schedule::fixed, Schedule::dynamic,
                                          Schedule::guided, Schedule::factoring};

/// What a policy looks at. Speeds are in chunks a second.
struct LeaseRequest {
  std::uint64_t chunk_count = 0;  ///< of the grid
  std::uint64_t pending = 0;      ///< chunks nobody holds; at least 1
  std::uint64_t first = 0;        ///< the chunk that the lease will start with
  std::uint32_t slot_count = 1;   ///< of all living workers
  double slot_speed = 0;          ///< of one slot of the worker that asks; 0: not yet measured
  double total_speed = 0;         ///< of all slots together; 0: nothing measured yet
  std::uint64_t measured = 0;     ///< how many chunks of this worker the speed was measured on
};

/// Decides the lengths of the leases of one run, in the order they are granted.
class Policy {
 public:
  virtual ~Policy() = default;
  /// At least 1; the caller cuts it to what is pending.
  virtual std::uint64_t lease_length(const LeaseRequest& request) = 0;
};

std::unique_ptr<Policy> make_policy(Schedule schedule);

}  // namespace taskrun
