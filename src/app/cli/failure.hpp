// SPDX-License-Identifier: MIT
// What went wrong, as people and shells are told.
#pragma once

#include <exception>

#include "taskrun/core/secrets.hpp"

namespace taskrun {

/// Writes one line to stderr and returns the exit code that fits.
int tell_failure(const std::exception_ptr& failure, Secrets secrets = Secrets::masked);

}  // namespace taskrun
