// SPDX-License-Identifier: MIT
// An MPI program that does nothing: what starting and stopping one costs.
#include <mpi.h>

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Finalize();
}
