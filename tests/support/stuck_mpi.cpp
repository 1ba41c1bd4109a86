// SPDX-License-Identifier: MIT
// An MPI that does not come back when a test wants it, as Open MPI can where another process dies:
// rank 0 never leaves the call that $TASKRUN_STUCK_MPI_FILE ends with, once that file is there. The
// call removes it, so that it happens once.
#include <mpi.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string stuck_file() {
  const char* const file = std::getenv("TASKRUN_STUCK_MPI_FILE");
  const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
  return file == nullptr || rank == nullptr || std::string_view(rank) != "0" ? "" : file;
}

void stay_if_wanted(std::string_view call) {
  static const std::string file = stuck_file();
  if (!file.ends_with(call) || unlink(file.c_str()) != 0) return;
  for (;;) pause();
}

}  // namespace

// MPI's own name for each of its functions begins with PMPI, for those who stand between.
extern "C" {

int MPI_Improbe(int source, int tag, MPI_Comm comm, int* flag, MPI_Message* message,
                MPI_Status* status) {
  stay_if_wanted("Improbe");
  return PMPI_Improbe(source, tag, comm, flag, message, status);
}

int MPI_Isend(const void* data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
  stay_if_wanted("Isend");
  return PMPI_Isend(data, count, type, to, tag, comm, request);
}

}  // extern "C"
