// SPDX-License-Identifier: MIT
// Ranks are threads: every body with one, two, three and five of them.
#include "loopback_ranks.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "every_rank.hpp"

namespace taskrun::testing {
namespace {

void run(std::uint32_t size, const Body& body) {
  LoopbackRanks ranks(size);
  std::vector<std::jthread> threads;
  for (auto& transport : ranks.transports) {
    threads.emplace_back([&] {
      try {
        body(*transport);
      } catch (const std::exception& e) {
        ADD_FAILURE() << "rank " << transport->rank() << " of " << size << ": " << e.what();
      }
    });
  }
}

}  // namespace

void on_every_rank(const Body& body) {
  for (const std::uint32_t size : {1U, 2U, 3U, 5U}) run(size, body);
}

}  // namespace taskrun::testing
