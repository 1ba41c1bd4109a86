// SPDX-License-Identifier: MIT
#include "taskrun/exec/chunk_runner.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "taskrun/core/error.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/reduce/stack.hpp"

namespace taskrun {
namespace {

// Results of a running lease are handed over this often: a small part of the 100 ms of finished
// work that a crash may cost, the rest being the way to the disk.
constexpr Duration flush_interval = std::chrono::milliseconds(15);
// … or when this much has gathered, so that memory stays bounded.
constexpr std::size_t flush_bytes = std::size_t{4} << 20;
// Pieces of output are cut here, so that one that arrives late costs little.
constexpr std::size_t piece_bytes = std::size_t{1} << 20;
// Reading the clock costs about as much as an empty chunk: it is read about this often.
constexpr Duration clock_interval = std::chrono::microseconds(20);

}  // namespace

// Text of neighbouring chunks, one after the other.
class ChunkRunner::Emitting {
 public:
  explicit Emitting(const ChunkRunner&) {}

  void add(std::uint64_t chunk, Partial partial, Results& out) {
    const auto text = view_of(std::any_cast<const std::string&>(partial));
    if (out.pieces.empty() || !open_ || out.pieces.back().chunks.end != chunk ||
        out.pieces.back().payload_size >= piece_bytes) {
      out.pieces.push_back({{chunk, chunk}, 0});
      open_ = true;
    }
    auto& piece = out.pieces.back();
    piece.chunks.end = chunk + 1;
    piece.payload_size += text.size();
    append(out.payloads, text);
  }
  void close(Results&) { open_ = false; }

 private:
  bool open_ = false;  // whether the last piece is ours to lengthen
};

// Blocks of the reduction tree.
class ChunkRunner::Reducing {
 public:
  explicit Reducing(const ChunkRunner& runner)
      : job_(runner.job_), blocks_(runner.grid_.chunk_count(), JoinPartials{runner.job_}) {}

  void add(std::uint64_t chunk, Partial partial, Results&) {
    blocks_.push(chunk, std::move(partial));
  }
  void close(Results& out) {
    for (auto& part : blocks_.take_all()) {
      const std::size_t before = out.payloads.size();
      job_.encode(part.value, out.payloads);
      out.pieces.push_back({part.chunks, out.payloads.size() - before});
    }
  }

 private:
  const Job& job_;
  ReductionStack<Partial, JoinPartials> blocks_;
};

Duration ChunkRunner::run(const Work& work, const std::atomic<bool>& stop, Results& out,
                          const Flush& flush) {
  return job_.emits() ? run_with(Emitting(*this), work, stop, out, flush)
                      : run_with(Reducing(*this), work, stop, out, flush);
}

template <class Gather>
Duration ChunkRunner::run_with(Gather gather, const Work& work, const std::atomic<bool>& stop,
                               Results& out, const Flush& flush) {
  const bool keeps_limits = job_.keeps_limits();
  ByteReader shipped(work.shipped);
  const Time started = steady_now();
  Time flushed = started;    // when results were last handed over
  Time checked = started;    // when the clock was last read
  std::uint64_t stride = 1;  // chunks between two looks at the clock
  std::uint64_t until_check = 1;
  std::uint64_t reported = work.chunks.begin;
  std::uint64_t chunk = work.chunks.begin;
  std::uint64_t border = grid_.border(chunk);  // where its items begin
  std::size_t text_bytes = 0;                  // of failed chunks, not handed over yet
  std::uint64_t memory_bytes = 0;              // since the last report, or failure

  const auto report = [&](Time now, bool ended) {
    gather.close(out);
    out.progress.push_back({work.lease, chunk, ended, chunk - reported, now - flushed,
                            std::exchange(memory_bytes, 0)});
    reported = chunk;
    flushed = now;
  };

  while (chunk < work.chunks.end && !stop.load(std::memory_order_relaxed)) {
    const ByteView slice = work.shipped.empty() ? ByteView{} : shipped.take_sized();
    Context context(chunk, work.attempt, stop, limits_);
    Partial partial;
    const ItemRange items{border, grid_.border(chunk + 1)};
    border = items.end;
    if (watch_ != nullptr) watch_->begin(chunk);
    const std::size_t failures_before = out.failures.size();
    try {
      partial = job_.map(items, slice, context);
    } catch (const ChunkStopped&) {
      break;
    } catch (const std::bad_alloc&) {
      if (watch_ != nullptr) watch_->out_of_memory();
      out.failures.push_back({work.lease, chunk, "ran out of memory"});
    } catch (ChunkFailed& failed) {
      text_bytes += failed.text.size() + failed.details.size();
      out.failures.push_back(
          {work.lease, chunk, failed.what(), std::move(failed.text), failed.is_final, failed.end});
      out.failures.back().details = std::move(failed.details);
    } catch (const Shortage&) {
      throw;  // not the chunk's fault
    } catch (const Error& error) {
      const bool is_final = error.code() == ExitCode::usage;
      out.failures.push_back({work.lease, chunk, error.what(), {}, is_final});
    } catch (...) {
      out.failures.push_back({work.lease, chunk, described(std::current_exception())});
    }
    if (out.failures.size() > failures_before) {
      // With chunks since the clock was last read, which took next to nothing.
      const Time now = steady_now();
      out.failures.back().begun = checked - started;
      out.failures.back().busy = now - checked;
      out.failures.back().memory_bytes = context.noted_memory_bytes();
      out.failures.back().memory_bytes_before = std::exchange(memory_bytes, 0);
      checked = now;
      until_check = stride = 1;
    } else {
      memory_bytes = std::max(memory_bytes, context.noted_memory_bytes());
    }
    // What map returns after it was told to stop is not a result, unless the job knows better.
    if (!keeps_limits && stop.load(std::memory_order_relaxed)) break;
    if (partial.has_value()) gather.add(chunk, std::move(partial), out);
    ++chunk;
    if (--until_check > 0) continue;
    const Time now = steady_now();
    if (now - checked < clock_interval) {
      stride = std::min<std::uint64_t>(2 * stride, 1024);
    } else {
      stride = std::max<std::uint64_t>(stride / 2, 1);
    }
    checked = now;
    until_check = stride;
    if (chunk < work.chunks.end &&
        (now - flushed >= flush_interval || out.payloads.size() + text_bytes >= flush_bytes)) {
      report(now, false);
      flush(out);
      text_bytes = 0;
    }
  }
  const Time now = steady_now();
  report(now, true);
  return now - started;
}

}  // namespace taskrun
