// SPDX-License-Identifier: MIT
// Contracts: what must be true unless taskrun itself has a bug. A broken contract prints where and
// what, and aborts. Bad input is not a bug: see error.hpp.
#pragma once

namespace taskrun {

[[noreturn]] void contract_broken(const char* kind, const char* condition, const char* file,
                                  int line);

}  // namespace taskrun

/// What the caller owes.
#define TASKRUN_EXPECT(condition) \
  ((condition) ? void(0) : ::taskrun::contract_broken("expected", #condition, __FILE__, __LINE__))

/// What this code promised.
#define TASKRUN_ENSURE(condition) \
  ((condition) ? void(0) : ::taskrun::contract_broken("promised", #condition, __FILE__, __LINE__))
