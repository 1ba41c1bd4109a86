// SPDX-License-Identifier: MIT
// The seam of the contract tests: the same body runs on every rank of a transport. Which transport
// is decided by what the test program is linked with (loopback_ranks.cpp, mpi_ranks.cpp).
#pragma once

#include <functional>

#include "taskrun/net/transport.hpp"

namespace taskrun::testing {

using Body = std::function<void(Transport&)>;

/// Runs the body once on each rank, with a fresh transport; what it throws is a failure.
void on_every_rank(const Body& body);

/// The next frame; throws when none has come for a minute.
Received next(Transport& transport);

}  // namespace taskrun::testing
