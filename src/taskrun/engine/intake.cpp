// SPDX-License-Identifier: MIT
#include "taskrun/engine/intake.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <set>
#include <utility>

namespace taskrun {
namespace {

constexpr std::size_t most_failures_told = 100;
constexpr std::uint64_t most_retries_told = 20;
// Of a worker, whatever it says: these are added up.
constexpr Duration longest_busy = std::chrono::hours(24 * 365 * 50);

}  // namespace

void Intake::restore(ChunkRange piece, ByteView payload) {
  if (piece.empty() || piece.end > parts_.grid.chunk_count() || !parts_.plan.commit(piece)) {
    throw CorruptData("a recorded partial outside the grid, or recorded twice");
  }
  parts_.collector.restore(piece, payload);
  release(piece);
  restored_end_ = std::max(restored_end_, piece.end);
  items_done_ += parts_.grid.items(piece).size();
  items_restored_ = items_done_;
  parts_.recorder.on_restored({parts_.plan.done_count(), items_done_});
}

// Before any of it counts: half a report must not.
void Intake::check(WorkerId from, const Results& results) const {
  const std::uint64_t chunk_count = parts_.plan.chunk_count();
  std::uint64_t left = results.payloads.size();
  for (const Piece& piece : results.pieces) {
    if (piece.chunks.begin >= piece.chunks.end || piece.chunks.end > chunk_count) {
      throw CorruptData("a partial outside the grid");
    }
    if (parts_.plan.awaits(piece.chunks) && !parts_.plan.may_answer(from, piece.chunks)) {
      throw CorruptData("a result of chunks that it was not given");
    }
    if (piece.payload_size > left) throw CorruptData("a partial longer than its message");
    left -= piece.payload_size;
  }
  if (left > 0) throw CorruptData("bytes of no partial");
  std::set<std::uint64_t> failed;
  for (const ChunkFailure& failure : results.failures) {
    if (failure.chunk >= chunk_count) throw CorruptData("a failure outside the grid");
    if (!failed.insert(failure.chunk).second)
      throw CorruptData("a chunk that failed twice at once");
    check_lease(from, failure.lease);
  }
  for (const LeaseProgress& progress : results.progress) {
    check_lease(from, progress.lease);
    const auto lease = parts_.plan.find_lease(progress.lease);
    if (lease && progress.next > lease->chunks.end) throw CorruptData("progress beyond a lease");
    if (progress.computed > progress.next) throw CorruptData("more chunks than there are");
  }
}

void Intake::check_lease(WorkerId from, LeaseId lease) const {
  const auto living = parts_.plan.find_lease(lease);
  if (living && living->worker != from) throw CorruptData("a lease of another rank");
}

// Told with it: the lease is beyond that chunk, or has ended. Else the chunk is still the worker's,
// which may break before it ends the lease, or lie.
bool Intake::is_over(const Results& results, const ChunkFailure& failure) {
  return std::any_of(
      results.progress.begin(), results.progress.end(), [&](const LeaseProgress& progress) {
        return progress.lease == failure.lease && (progress.ended || progress.next > failure.chunk);
      });
}

std::uint64_t Intake::take(WorkerId from, const Results& results, Time now) {
  check(from, results);
  const std::uint64_t output_bytes = collect(results);
  note_failures(results);
  note_progress(from, results, now);
  return output_bytes;
}

std::uint64_t Intake::collect(const Results& results) {
  std::uint64_t fresh_bytes = 0;
  ByteReader payloads(results.payloads);
  for (const Piece& piece : results.pieces) {
    const ByteView payload = payloads.take_bytes(piece.payload_size);
    if (!parts_.plan.awaits(piece.chunks)) continue;
    parts_.collector.add(piece.chunks, payload);
    parts_.plan.commit(piece.chunks);
    release(piece.chunks);
    parts_.recorder.on_pieces();
    items_done_ += parts_.grid.items(piece.chunks).size();
    fresh_bytes += payload.size();
  }
  return fresh_bytes;
}

void Intake::note_failures(const Results& results) {
  for (const ChunkFailure& failure : results.failures) {
    if (!is_over(results, failure)) continue;
    const auto retry = failure.is_final ? Plan::Retry::is_useless : Plan::Retry::may_help;
    parts_.recorder.on_failure(failure);
    const auto outcome = parts_.plan.fail(failure.lease, failure.chunk, retry);
    if (outcome == Plan::Failure::ignored) continue;
    const std::uint32_t attempts = parts_.plan.attempts(failure.chunk);
    if (outcome == Plan::Failure::given_up) {
      give_up(failure, attempts);
    } else {
      tell_retry(failure.chunk, attempts, failure.error);
    }
  }
}

// The first ones each, then one each time that their number has doubled.
void Intake::tell_retry(std::uint64_t chunk, std::uint32_t attempts, const std::string& error) {
  ++retry_count_;
  const bool many = retry_count_ > most_retries_told;
  if (many && !std::has_single_bit(retry_count_)) return;
  parts_.tell(Level::info, "chunk " + std::to_string(chunk + 1) + " failed at attempt " +
                               std::to_string(attempts) + ": " + error + "; trying again" +
                               (many ? " (" + std::to_string(retry_count_) + " so far)" : ""));
}

void Intake::give_up(const ChunkFailure& failure, std::uint32_t attempts) {
  parts_.collector.skip(failure.chunk, view_of(failure.text), view_of(failure.details));
  release({failure.chunk, failure.chunk + 1});
  const ItemRange items = parts_.grid.items(failure.chunk);
  FailedChunk failed{failure.chunk, items.begin, items.end, attempts, failure.error, failure.end};
  parts_.recorder.on_given_up(failed);
  if (failed_.size() < most_failures_told) failed_.push_back(std::move(failed));
}

void Intake::note_progress(WorkerId id, const Results& results, Time now) {
  Member& worker = parts_.roster[id];
  for (const LeaseProgress& progress : results.progress) {
    computed_count_ += progress.computed;
    worker.account.chunks += progress.computed;
    worker.account.busy = std::min(worker.account.busy + progress.busy, longest_busy);
    parts_.roster.measure(id, progress);
    if (progress.computed > 0) {
      const Duration each = progress.busy / static_cast<Duration::rep>(progress.computed);
      chunk_times_.record(each);
      longest_chunk_ = std::max(longest_chunk_, each);
    }
    if (parts_.recorder.keeps_records()) {
      parts_.recorder.on_progress(progress, worker.account.host, now);
    }
    const auto needless = parts_.plan.advance(progress.lease, progress.next, progress.ended);
    const auto living = needless ? parts_.plan.find_lease(*needless) : std::nullopt;
    if (living) parts_.send(living->worker, Withdraw{{{living->id, Cancel::now}}}, now);
  }
}

void Intake::release(ChunkRange chunks) const {
  if (parts_.grid.is_open_ended()) parts_.job.release(parts_.grid.items(chunks));
}

}  // namespace taskrun
