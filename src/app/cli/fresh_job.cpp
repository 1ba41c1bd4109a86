// SPDX-License-Identifier: MIT
#include "app/cli/fresh_job.hpp"

#include <algorithm>

namespace taskrun {

FreshJob::FreshJob(const Registry::Entry* entry) {
  if (entry == nullptr) return;
  job = entry->make();
  job->declare(params);
}

const Param* param_named(const std::vector<Param>& params, std::string_view name) {
  const auto found = std::find_if(params.begin(), params.end(),
                                  [&](const Param& param) { return param.name == name; });
  return found == params.end() ? nullptr : &*found;
}

bool takes_rest(const Params& params) {
  const auto& all = params.all();
  return std::any_of(all.begin(), all.end(),
                     [](const Param& param) { return param.given == Param::Given::as_rest; });
}

std::vector<Param> told(std::vector<Param> params) {
  for (Param& param : params) {
    param.parse = nullptr;
    param.value = nullptr;
  }
  return params;
}

}  // namespace taskrun
