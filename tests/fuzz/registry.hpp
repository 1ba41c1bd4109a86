// SPDX-License-Identifier: MIT
#pragma once
#include "taskrun/job/registry.hpp"

#define FUZZ_JOBS(X) \
  X(sieve)           \
  X(primesum)        \
  X(isprime)         \
  X(pi) X(product) X(powers) X(roots) X(sum) X(wordcount) X(features) X(fetch) X(exec) X(sleep)
#define FUZZ_DECLARE(name) void register_job_##name(taskrun::Registry&);
FUZZ_JOBS(FUZZ_DECLARE)

namespace fuzz {
inline const taskrun::Registry& jobs() {
  static const taskrun::Registry all = [] {
    taskrun::Registry registry;
#define FUZZ_REGISTER(name) register_job_##name(registry);
    FUZZ_JOBS(FUZZ_REGISTER)
    return registry;
  }();
  return all;
}
}  // namespace fuzz
