// SPDX-License-Identifier: MIT
// The ideal that efficiency is measured against: the same work as the job `spin`, shared out among
// threads beforehand, with nobody to coordinate.
//
//   raw_threads THREADS CHUNKS ROUNDS
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <thread>
#include <vector>

#include "spin.hpp"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: raw_threads THREADS CHUNKS ROUNDS\n");
    return 2;
  }
  const std::uint64_t threads = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t chunks = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t rounds = std::strtoull(argv[3], nullptr, 10);

  std::vector<std::uint64_t> sums(threads);
  const auto compute = [&](std::uint64_t thread) {
    std::uint64_t sum = 0;
    for (std::uint64_t chunk = thread; chunk < chunks; chunk += threads) {
      sum += taskrun::bench::spin(chunk, rounds);
    }
    sums[thread] = sum;
  };
  const auto started = std::chrono::steady_clock::now();
  std::vector<std::thread> others;
  for (std::uint64_t thread = 1; thread < threads; ++thread) others.emplace_back(compute, thread);
  compute(0);
  for (auto& other : others) other.join();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
  std::printf("{\"wall_seconds\": %.6f, \"sum\": %" PRIu64 "}\n", wall.count(),
              std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}));
}
