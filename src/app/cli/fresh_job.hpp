// SPDX-License-Identifier: MIT
// A job's parameters as they are declared, before anything is given, and what is asked of
// parameters.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/job/registry.hpp"

namespace taskrun {

/// A job, and its parameters as it declares them. Without an entry there is neither.
struct FreshJob {
  explicit FreshJob(const Registry::Entry* entry);

  std::unique_ptr<Job> job;
  Params params;
};

/// Null where there is none of that name.
const Param* param_named(const std::vector<Param>& params, std::string_view name);

/// Whether the job takes all that follows its options, as those that run commands do.
bool takes_rest(const Params& params);

/// For texts, which outlive what the parameters set: they set nothing.
std::vector<Param> told(std::vector<Param> params);

}  // namespace taskrun
