// SPDX-License-Identifier: MIT
// From a job's spec to the job.
#pragma once

#include <memory>

#include "taskrun/job/registry.hpp"
#include "taskrun/protocol/job_spec.hpp"

namespace taskrun {

/// Throws Error (usage) for a job that the program does not have, a parameter that the job does not
/// have, and values that are out of range or do not go together.
std::unique_ptr<Job> make_job(const Registry& jobs, const JobSpec& spec);

}  // namespace taskrun
