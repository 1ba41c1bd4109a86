// SPDX-License-Identifier: MIT
// What taskrun is compared with: a master that hands out tasks one message each, as plain MPI
// programs do, and workers that answer each with one message. Prints tasks a second.
//
//   mpirun -np 3 raw_master_worker [TASKS [WINDOW]]
#include <mpi.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "spin.hpp"

namespace {

using taskrun::bench::mixed;

struct Task {
  std::uint64_t number;
  std::uint64_t parameters[3];
};
static_assert(sizeof(Task) == 32);

enum Tag { task_tag = 1, result_tag, stop_tag };

void send_task(std::uint64_t number, int worker) {
  const Task task{number, {}};
  MPI_Send(&task, sizeof task, MPI_BYTE, worker, task_tag, MPI_COMM_WORLD);
}

// The sum of all results.
std::uint64_t run_master(std::uint64_t tasks, std::uint64_t window, int workers) {
  std::uint64_t sent = 0;
  for (std::uint64_t round = 0; round < window; ++round) {
    for (int worker = 1; worker <= workers && sent < tasks; ++worker) send_task(sent++, worker);
  }
  std::uint64_t sum = 0;
  for (std::uint64_t done = 0; done < tasks; ++done) {
    std::uint64_t result = 0;
    MPI_Status status;
    MPI_Recv(&result, sizeof result, MPI_BYTE, MPI_ANY_SOURCE, result_tag, MPI_COMM_WORLD, &status);
    sum += result;
    if (sent < tasks) send_task(sent++, status.MPI_SOURCE);
  }
  for (int worker = 1; worker <= workers; ++worker) {
    MPI_Send(nullptr, 0, MPI_BYTE, worker, stop_tag, MPI_COMM_WORLD);
  }
  return sum;
}

void run_worker() {
  for (;;) {
    Task task{};
    MPI_Status status;
    MPI_Recv(&task, sizeof task, MPI_BYTE, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
    if (status.MPI_TAG == stop_tag) return;
    const std::uint64_t result = mixed(task.number);
    MPI_Send(&result, sizeof result, MPI_BYTE, 0, result_tag, MPI_COMM_WORLD);
  }
}

std::uint64_t argument(int argc, char** argv, int index, std::uint64_t otherwise) {
  return argc > index ? std::strtoull(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  int size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const std::uint64_t tasks = argument(argc, argv, 1, 3'000'000);
  const std::uint64_t window = argument(argc, argv, 2, 8);
  if (size < 2) {
    std::fprintf(stderr, "raw_master_worker: needs two ranks or more\n");
    MPI_Abort(MPI_COMM_WORLD, 2);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const double started = MPI_Wtime();
  if (rank == 0) {
    const std::uint64_t sum = run_master(tasks, window, size - 1);
    const double wall = MPI_Wtime() - started;
    std::printf("{\"tasks_per_second\": %.0f, \"wall_seconds\": %.6f, \"sum\": %" PRIu64 "}\n",
                static_cast<double>(tasks) / wall, wall, sum);
  } else {
    run_worker();
  }
  MPI_Finalize();
}
