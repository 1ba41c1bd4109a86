// SPDX-License-Identifier: MIT
// The jobs of a program, by name. A job's file ends with one line,
//
//   TASKRUN_JOB(sieve, "count, sum or list the primes of an interval", taskrun::Sieve)
//
// outside all namespaces, which defines the function register_job_sieve(Registry&). The program
// calls those of the jobs it is built with (taskrun_add_program in CMake writes the calls); nothing
// registers itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "taskrun/job/job.hpp"
#include "taskrun/job/job_members.hpp"
#include "taskrun/job/typed_job.hpp"

namespace taskrun {

class Registry {
 public:
  struct Entry {
    std::string name;
    std::string help;  ///< one line, starting with a verb
    std::function<std::unique_ptr<Job>()> make;
    std::function<JobMembers()> members;  ///< what its class has
  };

  template <class J>
  void add(std::string name, std::string help) {
    entries_.push_back({std::move(name), std::move(help),
                        [] { return std::make_unique<TypedJob<J>>(); }, members_of_job<J>});
  }

  const std::vector<Entry>& entries() const { return entries_; }
  /// The job of that name, or null.
  const Entry* find(std::string_view name) const {
    for (const auto& entry : entries_) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace taskrun

#define TASKRUN_JOB(name, help, Class) \
  void register_job_##name(::taskrun::Registry& registry) { registry.add<Class>(#name, help); }
