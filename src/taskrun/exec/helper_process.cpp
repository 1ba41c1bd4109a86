// SPDX-License-Identifier: MIT
#include "taskrun/exec/helper_process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <new>
#include <utility>

#include "taskrun/core/error.hpp"
#include "taskrun/exec/chunk_runner.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/protocol/helper_messages.hpp"

namespace taskrun {
namespace {

// Nobody sees them: the rank asks for a signal, or reads the cell.
constexpr int well = 0;
constexpr int badly = 1;
constexpr std::uint64_t bytes_per_kilobyte = 1024;  // as Linux has it

// What user code has written with stdio is its user's; destructors of its statics are not run.
[[noreturn]] void leave(int exit_code) {
  std::fflush(nullptr);
  _exit(exit_code);
}

class CellWatch final : public ChunkWatch {
 public:
  explicit CellWatch(HelperCell& cell) : cell_(cell) {}

  void begin(std::uint64_t chunk) override {
    cell_.chunk.store(chunk, std::memory_order_relaxed);
    cell_.begun.store(++begun_, std::memory_order_release);
  }
  // A new helper has all memory again, also what this one has lost.
  void out_of_memory() override {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    cell_.memory_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * bytes_per_kilobyte;
    cell_.out_of_memory = true;
    leave(badly);
  }

 private:
  HelperCell& cell_;
  std::uint64_t begun_ = cell_.begun;
};

void limit_memory(std::uint64_t bytes) {
  if (bytes == 0) return;
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_DATA, &limit);
}

std::int64_t nanoseconds_of(const timeval& time) {
  return (std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec) * 1000;
}

std::int64_t used_by(__rusage_who who) {
  rusage used{};
  getrusage(who, &used);
  return nanoseconds_of(used.ru_utime) + nanoseconds_of(used.ru_stime);
}

void report(int socket, const HelperReport& report) {
  if (!send_all(socket, report_frame(report))) leave(well);
}

Work next_work(FrameReader& reader, int socket) {
  for (;;) {
    if (const auto body = reader.next()) return decode_work(*body);
    if (reader.read(socket, 0) == FrameReader::Got::end) leave(well);
  }
}

void serve(const HelperTask& task, int socket, CellWatch& watch) {
  task.job.join();
  ChunkRunner runner(task.job, task.grid, &watch, task.limits);
  FrameReader reader;
  const std::int64_t used_before = task.cell.processor_nanoseconds;
  for (;;) {
    const Work work = next_work(reader, socket);
    HelperReport rest;
    runner.run(work, task.cell.stop, rest.results, [&](Results& results) {
      report(socket, {HelperReport::Kind::more, std::exchange(results, {}), {}});
    });
    std::fflush(nullptr);
    task.cell.processor_nanoseconds = used_before + used_by(RUSAGE_SELF) + used_by(RUSAGE_CHILDREN);
    report(socket, rest);
  }
}

}  // namespace

void be_helper(const HelperTask& task, int socket) {
  CellWatch watch(task.cell);
  task.cell.out_of_memory = false;
  if (!task.kept_by_job) limit_memory(task.limits.memory_bytes);
  try {
    serve(task, socket, watch);
  } catch (const std::bad_alloc&) {
    watch.out_of_memory();
  } catch (const Shortage& shortage) {
    report(socket, {HelperReport::Kind::short_of, {}, shortage.what()});
  } catch (...) {
    report(socket, {HelperReport::Kind::broken, {}, described(std::current_exception())});
  }
  leave(badly);
}

}  // namespace taskrun
