// SPDX-License-Identifier: MIT
#include "taskrun/mpi/checked.hpp"

#include <mpi.h>

#include <limits>
#include <string>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {

void check(int result, const char* call) {
  if (result == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "an error without a text";
  int length = 0;
  MPI_Error_string(result, text, &length);
  throw environment_error(std::string(call) + " failed: " + text +
                          "; the hosts of this run cannot talk to each other any more");
}

int checked_int(std::uint64_t value) {
  TASKRUN_EXPECT(value <= static_cast<std::uint64_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(value);
}

}  // namespace taskrun
