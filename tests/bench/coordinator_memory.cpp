// SPDX-License-Identifier: MIT
// The memory of a coordinator alone: it gets as many commits as a run of that many chunks has, from
// workers that are not there, in an order that leaves holes. Prints the peak memory of the process.
//
//   coordinator_memory [CHUNKS [WORKERS]]
#include <sys/resource.h>

#include <bit>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <variant>
#include <vector>

#include "counting.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/coordinator.hpp"
#include "taskrun/job/typed_job.hpp"

namespace {

using namespace taskrun;

constexpr Duration chunk_time = std::chrono::microseconds(1);

struct HeldLease {
  std::uint32_t worker = 0;
  LeaseId lease;
  ChunkRange chunks;
};

// What a worker commits for a lease it has computed: the largest aligned blocks in it.
Commit commit_of(const HeldLease& held) {
  Commit commit;
  ByteWriter payloads(commit.results.payloads);
  for (std::uint64_t begin = held.chunks.begin; begin < held.chunks.end;) {
    std::uint64_t size = std::bit_floor(held.chunks.end - begin);
    if (begin != 0) size = std::min(size, begin & (~begin + 1));
    Bytes payload;
    encode(size, payload);
    payloads.put_bytes(payload);
    commit.results.pieces.push_back({{begin, begin + size}, payload.size()});
    begin += size;
  }
  commit.results.progress.push_back({held.lease, held.chunks.end, true, held.chunks.size(),
                                     chunk_time * static_cast<std::int64_t>(held.chunks.size())});
  return commit;
}

void take_grants(Coordinator& coordinator, std::vector<HeldLease>& held) {
  Outbox outbox;
  coordinator.take_outbox(outbox);
  for (const Outgoing& outgoing : outbox.messages) {
    const auto* grant = std::get_if<Grant>(&outgoing.message);
    if (grant == nullptr) continue;
    for (const Work& work : grant->leases) held.push_back({outgoing.to, work.lease, work.chunks});
  }
}

std::uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t chunks = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000'000;
  CoordinatorOptions options;
  options.worker_count =
      argc > 2 ? static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)) : 1000;

  TypedJob<Count> job;
  const Grid grid = chunk_it(chunks, chunks);
  NoSink sink;
  const auto collector = make_collector(job, chunks, sink);
  Time now{};
  Coordinator coordinator(job, grid, *collector, options, now);
  for (std::uint32_t worker = 0; worker < options.worker_count; ++worker) {
    coordinator.on_message(worker, Hello{0, 0, 1, {worker, 0}, "host"}, now);
  }
  std::mt19937_64 random(1);
  std::vector<HeldLease> held;
  std::uint64_t leases = 0;
  coordinator.on_tick(now);
  take_grants(coordinator, held);
  while (!held.empty()) {
    std::swap(held[random() % held.size()], held.back());
    const HeldLease done = held.back();
    held.pop_back();
    now += std::chrono::microseconds(1);
    ++leases;
    coordinator.on_message(done.worker, commit_of(done), now);
    coordinator.on_tick(now);
    take_grants(coordinator, held);
  }
  const auto result = std::any_cast<std::uint64_t>(collector->finish());
  std::printf("{\"peak_memory_bytes\": %" PRIu64 ", \"lease_count\": %" PRIu64
              ", \"chunks_reduced\": %" PRIu64 "}\n",
              peak_memory_bytes(), leases, result);
  return result == chunks ? 0 : 1;
}
