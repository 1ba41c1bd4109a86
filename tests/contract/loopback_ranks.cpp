// SPDX-License-Identifier: MIT
// Ranks are threads: every body with one, two, three and five of them.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "every_rank.hpp"
#include "taskrun/net/loopback.hpp"

namespace taskrun::testing {
namespace {

void run(std::uint32_t size, const Body& body) {
  LoopbackHub hub(size);
  std::vector<Wakeup> wakeups(size);
  std::vector<std::unique_ptr<Transport>> transports;
  for (std::uint32_t r = 0; r < size; ++r) transports.push_back(hub.connect(r, wakeups[r]));
  std::vector<std::thread> threads;
  for (auto& transport : transports) {
    threads.emplace_back([&] {
      try {
        body(*transport);
      } catch (const std::exception& e) {
        ADD_FAILURE() << "rank " << transport->rank() << " of " << size << ": " << e.what();
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace

void on_every_rank(const Body& body) {
  for (const std::uint32_t size : {1U, 2U, 3U, 5U}) run(size, body);
}

}  // namespace taskrun::testing
