// SPDX-License-Identifier: MIT
// engine: a coordinator that is told anything by ranks, which never throws, and a worker that is
// told anything by its coordinator, which throws CorruptData at most. Neither breaks a contract.
#include <deque>

#include "input.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/coordinator.hpp"
#include "taskrun/engine/worker.hpp"
#include "taskrun/job/registry.hpp"
#include "taskrun/job/typed_job.hpp"

namespace {

struct Concatenation {
  std::uint64_t items = 12;
  void params(taskrun::Params& p) { p.count("items", items, "numbers"); }
  taskrun::Range dataset() const { return {0, items}; }
  std::string map(taskrun::Range) const { return "x"; }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string& result, std::ostream& out) const { out << result; }
};
struct Lines {
  std::uint64_t items = 12;
  void params(taskrun::Params& p) { p.count("items", items, "numbers"); }
  taskrun::Range dataset() const { return {0, items}; }
  void emit(taskrun::Range, taskrun::Output& out) const { out << "x"; }
};

struct Nowhere final : taskrun::Sink {
  void write(taskrun::ByteView) override {}
  std::uint64_t backlog_bytes() const override { return 0; }
};

struct Lazy final : taskrun::Executor {
  std::vector<taskrun::Work> works;
  std::uint32_t slot_count() const override { return 2; }
  void start(taskrun::Work work) override { works.push_back(std::move(work)); }
  void cancel(taskrun::LeaseId, taskrun::Cancel) override {}
  void take_results(taskrun::Results& out) override {
    for (const auto& work : works) {
      out.progress.push_back({work.lease, work.chunks.end, true, 1, taskrun::Duration(1)});
    }
    works.clear();
  }
};

taskrun::Results results_in(fuzz::Input& in) {
  using namespace taskrun;
  Results results;
  for (unsigned n = in.byte() % 5; n > 0; --n) {
    std::uint64_t begin = in.byte() % 16;
    std::uint64_t end = in.byte() % 16;
    if (end == 15) end = in.number();
    const auto before = results.payloads.size();
    encode(std::string("x"), results.payloads);
    auto size = results.payloads.size() - before;
    if (in.byte() == 255) size = in.number();
    results.pieces.push_back({{begin, end}, size});
  }
  for (unsigned n = in.byte() % 4; n > 0; --n) {
    const std::uint64_t chunk = in.byte() == 255 ? in.number() : in.byte() % 16;
    results.failures.push_back({{in.byte()}, chunk, "e", "t", in.byte() % 2 == 0});
  }
  for (unsigned n = in.byte() % 4; n > 0; --n) {
    std::uint64_t next = in.byte() == 255 ? in.number() : in.byte() % 16;
    results.progress.push_back(
        {{in.byte()}, next, in.byte() % 2 == 0, in.byte(), Duration(in.number() >> 6)});
  }
  return results;
}

// Any message that the decoders can give, and some that they cannot. A new alternative of the
// variants has no case here until it is given one.
taskrun::ToCoordinator to_coordinator_in(fuzz::Input& in) {
  using namespace taskrun;
  static_assert(std::variant_size_v<ToCoordinator> == 7);
  switch (in.byte() % 7) {
    case 6:
      return Refused{"h", "w"};
    case 0:
      return Hello{0, 0, static_cast<std::uint32_t>(in.byte()), {in.byte(), in.byte() % 3U}, "h"};
    case 1:
      return Commit{results_in(in)};
    case 2:
      return Alive{};
    case 3:
      return Broken{"b", in.byte() % 2 ? Broken::Reach::run : Broken::Reach::worker};
    case 4:
      return SiblingEnded{
          static_cast<std::uint32_t>(in.byte() == 255 ? in.number() : in.byte() % 4)};
    default:
      return Goodbye{};
  }
}

taskrun::ToWorker to_worker_in(fuzz::Input& in) {
  using namespace taskrun;
  static_assert(std::variant_size_v<ToWorker> == 6);
  switch (in.byte() % 6) {
    case 0:
      return Welcome{in.byte() == 255 ? in.number() : 12,
                     in.byte() == 255 ? in.number() : 12,
                     Duration(static_cast<std::int64_t>(in.number() >> 6)),
                     {},
                     Duration(in.byte())};
    case 1: {
      Grant grant;
      for (unsigned n = in.byte() % 4; n > 0; --n) {
        grant.leases.push_back({{in.byte()}, {in.byte() % 16U, in.byte() % 16U}, in.byte(), {}});
      }
      return grant;
    }
    case 2:
      return Withdraw{{{{in.byte()}, in.byte() % 2 ? Cancel::now : Cancel::if_waiting}}};
    case 3:
      return Heartbeat{Duration(static_cast<std::int64_t>(in.number() >> 6))};
    case 4:
      return Sibling{in.byte(), {in.byte(), in.byte()}};
    default:
      return Finish{};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const unsigned mode = in.byte();
  Time now{std::chrono::seconds(1)};
  try {
    if (mode % 4 == 0) {
      Lazy lazy;
      WorkerOptions options;
      options.rank = 1;
      Worker worker(
          options, [&](const Grid&) -> Executor& { return lazy; }, now);
      std::vector<ToCoordinator> out;
      if (mode & 4) worker.on_message(Welcome{12, 12, Duration(1000000), {}, {}}, now);
      while (!in.empty()) {
        worker.on_message(to_worker_in(in), now);
        now += std::chrono::milliseconds(in.byte());
        worker.on_tick(now);
        worker.take_outbox(out);
        static_cast<void>(worker.next_deadline());
      }
      return 0;
    }
    std::unique_ptr<Job> job;
    if (mode % 2)
      job = std::make_unique<TypedJob<Concatenation>>();
    else
      job = std::make_unique<TypedJob<Lines>>();
    Params params;
    job->declare(params);
    job->open();
    Nowhere sink;
    const auto collector = make_collector(*job, 12, sink, nullptr);
    CoordinatorOptions options;
    options.worker_count = 3;
    Coordinator coordinator(*job, Grid(12, 12), *collector, options, now);
    Outbox out;
    while (!in.empty() && !coordinator.finished()) {
      const std::uint32_t from = in.byte() % 3;
      coordinator.on_message(from, to_coordinator_in(in), now);
      now += std::chrono::milliseconds(in.byte());
      coordinator.on_tick(now);
      coordinator.take_outbox(out);
      static_cast<void>(coordinator.progress(now));
    }
    static_cast<void>(coordinator.account());
  } catch (const CorruptData&) {
    FUZZ_REQUIRE(mode % 4 == 0);
  }
  return 0;
}
