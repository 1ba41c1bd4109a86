// SPDX-License-Identifier: MIT
// What tests under mpirun share: the environment that their main owns.
#pragma once

#include "taskrun/mpi/environment.hpp"

namespace taskrun::testing {

/// From main's start to its end.
MpiEnvironment& mpi_environment();

}  // namespace taskrun::testing
