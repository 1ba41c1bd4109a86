// SPDX-License-Identifier: MIT
#include "taskrun/os/descriptor_limit.hpp"

#include <algorithm>

namespace taskrun {
namespace {

// Where there is no limit: what goes through all that may be open takes its time.
constexpr rlim_t enough = 1 << 20;

rlimit asked() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

}  // namespace

const rlimit& first_descriptor_limit() {
  static const rlimit first = asked();
  return first;
}

void raise_descriptor_limit() {
  rlimit limit = first_descriptor_limit();
  if (limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, enough));
  setrlimit(RLIMIT_NOFILE, &limit);
}

void restore_descriptor_limit(const rlimit& first) { setrlimit(RLIMIT_NOFILE, &first); }

}  // namespace taskrun
