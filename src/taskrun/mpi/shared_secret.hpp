// SPDX-License-Identifier: MIT
// What the ranks of a run know and nobody else, where no supervisor gave it to them. It does not
// travel over MPI's own connections, which are what it is there to distrust.
#pragma once

#include <string>

namespace taskrun {

/// 32 hexadecimal digits that rank 0 made, the same on all ranks, others each time. Every rank
/// calls this at the same time; needs an MpiEnvironment. Empty for a single rank, and where neither
/// of the ways below works: on several hosts under a launcher that is not mpirun.
std::string shared_secret();

/// By a descriptor of rank 0, which the kernel opens for ranks of the same host and user. Empty on
/// all ranks where any of them cannot open it.
std::string secret_by_kernel();

/// By the name service of mpirun, over the launcher's connections. Empty on all ranks where there
/// is none.
std::string secret_by_launcher();

}  // namespace taskrun
