// SPDX-License-Identifier: MIT
#include "taskrun/run/make_job.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "taskrun/core/error.hpp"
#include "taskrun/core/printable.hpp"
#include "taskrun/core/suggestion.hpp"

namespace taskrun {
namespace {

template <class Named>
std::string proposal(const std::string& wanted, const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.name);
  return suggestion(wanted, names);
}

}  // namespace

std::unique_ptr<Job> make_job(const Registry& jobs, const JobSpec& spec) {
  const auto* const entry = jobs.find(spec.name);
  if (entry == nullptr) {
    throw usage_error("this program has no job '" + printable(spec.name) + "'" +
                      proposal(spec.name, jobs.entries()));
  }
  std::unique_ptr<Job> job = entry->make();
  Params params;
  job->declare(params);
  for (const auto& [name, text] : spec.values) {
    const auto param = std::find_if(params.all().begin(), params.all().end(),
                                    [&wanted = name](const Param& p) { return p.name == wanted; });
    if (param == params.all().end()) {
      throw usage_error("the job " + spec.name + " has no parameter '" + printable(name) + "'" +
                        proposal(name, params.all()));
    }
    param->parse(text);
  }
  job->check();
  return job;
}

}  // namespace taskrun
