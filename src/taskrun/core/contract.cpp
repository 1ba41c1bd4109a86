// SPDX-License-Identifier: MIT
#include "taskrun/core/contract.hpp"

#include <cstdio>
#include <cstdlib>

namespace taskrun {

void contract_broken(const char* kind, const char* condition, const char* file, int line) {
  std::fprintf(stderr, "taskrun: a bug in taskrun: %s %s at %s:%d; please report it\n", kind,
               condition, file, line);
  std::abort();
}

}  // namespace taskrun
