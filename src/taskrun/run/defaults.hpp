// SPDX-License-Identifier: MIT
// What follows from a job's nature where nobody says otherwise.
#pragma once

#include <cstdint>

#include "taskrun/engine/rank.hpp"
#include "taskrun/job/job.hpp"

namespace taskrun {

/// Slots of a rank for a job whose items mostly wait: so many requests in flight keep a network or
/// a disk busy, and bother no server.
inline constexpr std::uint32_t default_io_thread_count = 32;
/// Retries of a failed chunk, for a job without effects: what failed by bad luck works the second
/// time; what fails three times fails always.
inline constexpr std::uint32_t default_retries = 2;

/// The schedule that `automatic` stands for with this job: a slot computes its lease in order, so
/// that an item would wait behind another that waits, and what may have effects could not be given
/// to another slot any more.
Schedule usual_schedule(const Job& job);
/// Chunks with effects are not tried again by themselves.
std::uint32_t usual_retries(const Job& job);
/// As many as there are cores for one of `local_ranks` ranks on this host; 32 for a job whose items
/// mostly wait.
std::uint32_t usual_slots(const Job& job, std::uint32_t local_ranks);

}  // namespace taskrun
