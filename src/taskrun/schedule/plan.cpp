// SPDX-License-Identifier: MIT
#include "taskrun/schedule/plan.hpp"

#include <algorithm>
#include <iterator>

#include "taskrun/core/contract.hpp"

namespace taskrun {
namespace {

// How many failed chunks are looked at for one that the asking worker has not failed itself.
constexpr int retry_search_limit = 64;
// Chunks of a lease that ended with its worker are leased again in so many parts at least.
constexpr std::uint64_t suspect_parts = 16;

}  // namespace

Plan::Plan(std::uint64_t chunk_count, std::uint32_t retries)
    : chunk_count_(chunk_count), retries_(retries), pending_({0, chunk_count}) {}

void Plan::grow(std::uint64_t chunk_count, Extent extent) {
  TASKRUN_EXPECT(chunk_count >= chunk_count_ && extent_ != Extent::ended);
  for (const ChunkRange part : done_.absent_in({chunk_count_, chunk_count})) pending_.add(part);
  chunk_count_ = chunk_count;
  extent_ = extent;
  new_work_ = true;
}

void Plan::add_worker(WorkerId worker, std::uint32_t slots) {
  TASKRUN_EXPECT(slots > 0);
  const bool added = holders_.emplace(worker, Holder{slots, {}}).second;
  TASKRUN_EXPECT(added);
}

std::vector<std::uint64_t> Plan::remove_worker(WorkerId worker, Loss loss) {
  const auto holder = holders_.find(worker);
  TASKRUN_EXPECT(holder != holders_.end());
  const auto leases = holder->second.leases;
  std::size_t running = holder->second.slots;
  std::vector<std::uint64_t> given_up;
  for (const LeaseId id : leases) {
    const Held held = leases_.at(id);
    if (running > 0 && !done_.contains_all(held.remaining)) {
      --running;
      suspect(held.remaining, worker, loss);
      const std::uint64_t chunk = held.remaining.begin;
      const Suspects& suspects = *suspects_at(chunk);
      if (held.remaining.size() == 1 && held.twin == LeaseId{} &&
          suspects.ended.size() >= most_deaths) {
        give_up(held.remaining);
        given_up.push_back(chunk);
      }
    }
    end(id);
    release(held.remaining, held.twin);
    if (loss == Loss::silent) expect_late(worker, held.remaining);
  }
  holders_.erase(worker);
  new_work_ = true;
  return given_up;
}

void Plan::expect_late(WorkerId worker, ChunkRange chunks) {
  ChunkSet& late = late_[worker];
  for (const ChunkRange before : late.ranges()) {
    for (const ChunkRange part : done_.present_in(before)) late.remove(part);
  }
  late.add(chunks);
}

bool Plan::may_answer(WorkerId worker, ChunkRange piece) const {
  if (const auto holder = holders_.find(worker); holder != holders_.end()) {
    const auto& leases = holder->second.leases;
    const bool held = std::any_of(leases.begin(), leases.end(), [&](LeaseId id) {
      return leases_.at(id).remaining.contains(piece);
    });
    if (held) return true;
  }
  const auto late = late_.find(worker);
  return late != late_.end() && late->second.contains_all(piece);
}

const Plan::Suspects* Plan::suspects_at(std::uint64_t chunk) const {
  auto next = suspects_.upper_bound(chunk);
  if (next == suspects_.begin()) return nullptr;
  const Suspects& suspects = std::prev(next)->second;
  return chunk < suspects.end ? &suspects : nullptr;
}

void Plan::suspect(ChunkRange range, WorkerId worker, Loss loss) {
  // What overlaps is cut at the range's borders, so that each part keeps its own history.
  for (const std::uint64_t border : {range.begin, range.end}) {
    if (const Suspects* cut = suspects_at(border)) {
      const Suspects upper = *cut;
      std::prev(suspects_.upper_bound(border))->second.end = border;
      suspects_.insert_or_assign(border, upper);
    }
  }
  std::erase_if(suspects_, [](const auto& entry) { return entry.first == entry.second.end; });
  std::uint64_t begin = range.begin;
  while (begin < range.end) {
    auto next = suspects_.lower_bound(begin);
    if (next == suspects_.end() || next->first >= range.end) {
      next = suspects_.emplace(begin, Suspects{range.end, 0, {}}).first;
    } else if (next->first > begin) {
      next = suspects_.emplace(begin, Suspects{next->first, 0, {}}).first;
    }
    ++next->second.losses;
    auto& ended = next->second.ended;
    if (loss == Loss::ended && std::find(ended.begin(), ended.end(), worker) == ended.end()) {
      ended.push_back(worker);
    }
    begin = next->second.end;
  }
}

std::optional<ChunkRange> Plan::fresh_for(WorkerId worker) const {
  auto first = pending_.first();
  if (!first || suspects_.empty()) return first;
  if (worker.value == 0 && holders_.size() > 1) {
    while (const Suspects* suspects = suspects_at(first->begin)) {
      const auto rest = pending_.present_in({suspects->end, chunk_count_});
      if (rest.empty()) return std::nullopt;
      first = rest.front();
    }
  }
  const Suspects* suspects = suspects_at(first->begin);
  if (suspects == nullptr) {
    const auto next = suspects_.lower_bound(first->begin);
    if (next != suspects_.end()) first->end = std::min(first->end, next->first);
    return first;
  }
  // One death may be anybody's fault: shorter leases find out whose without much ado.
  const std::uint64_t size = suspects->end - first->begin;
  const std::uint64_t together =
      suspects->losses == 1 ? std::max<std::uint64_t>(size / suspect_parts, 1) : 1;
  first->end = std::min({first->end, suspects->end, first->begin + together});
  return first;
}

std::optional<Lease> Plan::lease(WorkerId worker, std::uint64_t length) {
  TASKRUN_EXPECT(length > 0);
  if (const auto chunk = retry_for(worker)) {
    retrying_.remove({*chunk, *chunk + 1});
    // The last try may have to be made again where the other copy of it was dropped.
    const std::uint32_t attempt = std::min(tries_.at(*chunk).count, retries_) + 1;
    return grant(worker, {*chunk, *chunk + 1}, attempt);
  }
  const auto first = fresh_for(worker);
  if (!first) return std::nullopt;
  const ChunkRange chunks{first->begin, first->begin + std::min(length, first->size())};
  pending_.remove(chunks);
  return grant(worker, chunks, 1);
}

std::optional<std::uint64_t> Plan::retry_for(WorkerId worker) const {
  int looked_at = 0;
  for (auto range = retrying_.first(); range;) {
    for (std::uint64_t chunk = range->begin; chunk < range->end; ++chunk) {
      if (holders_.size() == 1 || tries_.at(chunk).last != worker) return chunk;
      if (++looked_at == retry_search_limit) return std::nullopt;
    }
    const auto next = retrying_.present_in({range->end, chunk_count_});
    range = next.empty() ? std::nullopt : std::optional(next.front());
  }
  return std::nullopt;
}

Lease Plan::grant(WorkerId worker, ChunkRange chunks, std::uint32_t attempt) {
  auto& holder = holders_.at(worker);
  const LeaseId id{++last_lease_};
  leases_.emplace(id, Held{chunks, worker, attempt, LeaseId{}});
  holder.leases.push_back(id);
  if (candidates_) {
    (holder.leases.size() > holder.slots ? candidates_->waiting : candidates_->running).insert(id);
    new_work_ = true;
  }
  return {id, chunks, worker, attempt};
}

std::optional<LeaseCopy> Plan::copy(WorkerId worker) {
  if (!candidates_) build_candidates();
  auto found = copy_from(candidates_->waiting, worker, true);
  if (!found && extent_ != Extent::open) found = copy_from(candidates_->running, worker, false);
  return found;
}

std::optional<LeaseCopy> Plan::copy_from(std::set<LeaseId>& candidates, WorkerId worker,
                                         bool waiting) {
  for (auto it = candidates.begin(); it != candidates.end();) {
    const LeaseId id = *it;
    const Held held = leases_.at(id);
    if (done_.contains_all(held.remaining)) {
      it = candidates.erase(it);  // for good: what is settled stays so
      continue;
    }
    ++it;
    if (held.worker == worker || has_failed(held)) continue;
    // Two workers would end instead of one.
    if (!suspects_.empty() && suspects_at(held.remaining.begin)) continue;
    // Only chunks that are all new: a piece that overlaps one done before would be dropped, and
    // with it what was new in it.
    const Lease copy = grant(worker, done_.absent_in(held.remaining).front(), held.attempt);
    set_twin(id, copy.id);
    return LeaseCopy{copy, id, held.worker, waiting};
  }
  return std::nullopt;
}

std::optional<LeaseId> Plan::take_waiting(WorkerId worker) {
  if (!candidates_) build_candidates();
  auto& waiting = candidates_->waiting;
  const auto found = std::find_if(waiting.begin(), waiting.end(),
                                  [&](LeaseId id) { return leases_.at(id).worker != worker; });
  if (found == waiting.end()) return std::nullopt;
  const LeaseId id = *found;
  waiting.erase(found);
  return id;
}

bool Plan::has_failed(const Held& held) const {
  for (auto tried = tries_.lower_bound(held.remaining.begin);
       tried != tries_.end() && tried->first < held.remaining.end; ++tried) {
    if (tried->second.count >= held.attempt) return true;
  }
  return false;
}

void Plan::build_candidates() {
  candidates_.emplace();
  for (const auto& [worker, holder] : holders_) {
    for (std::size_t i = 0; i < holder.leases.size(); ++i) {
      if (leases_.at(holder.leases[i]).twin != LeaseId{}) continue;
      (i < holder.slots ? candidates_->running : candidates_->waiting).insert(holder.leases[i]);
    }
  }
}

void Plan::set_twin(LeaseId a, LeaseId b) {
  leases_.at(a).twin = b;
  leases_.at(b).twin = a;
  for (const LeaseId id : {a, b}) {
    candidates_->waiting.erase(id);
    candidates_->running.erase(id);
  }
}

bool Plan::commit(ChunkRange piece) {
  TASKRUN_EXPECT(!piece.empty() && (piece.end <= chunk_count_ || extent_ == Extent::open));
  if (done_.contains_any(piece)) return false;
  done_.add(piece);
  // Only a late answer finds its chunks here.
  if (!pending_.empty() && pending_.contains_any(piece)) pending_.remove(piece);
  if (!retrying_.empty()) retrying_.remove(piece);
  return true;
}

Plan::Failure Plan::fail(LeaseId lease, std::uint64_t chunk, Retry retry) {
  forget_old_tries();
  const auto found = leases_.find(lease);
  if (found == leases_.end() || !found->second.remaining.contains(chunk)) return Failure::ignored;
  if (done_.contains(chunk)) return Failure::ignored;
  const ChunkRange range{chunk, chunk + 1};
  auto& tries = tries_[chunk];
  tries.count = std::max(tries.count, found->second.attempt);  // copies are one try together
  tries.last = found->second.worker;
  const LeaseId twin = found->second.twin;
  const bool useless = retry == Retry::is_useless;
  if (!useless && twin != LeaseId{} && leases_.at(twin).remaining.contains(chunk)) {
    return Failure::ignored;
  }
  if (useless || tries.count > retries_) {
    give_up(range);
    return Failure::given_up;
  }
  retrying_.add(range);
  new_work_ = true;
  return Failure::retried;
}

void Plan::give_up(ChunkRange chunks) {
  done_.add(chunks);
  failed_count_ += chunks.size();
}

// Without an end there may be failures without an end.
void Plan::forget_old_tries() {
  while (!tries_.empty() && done_.contains(tries_.begin()->first)) tries_.erase(tries_.begin());
}

std::optional<LeaseId> Plan::advance(LeaseId lease, std::uint64_t next, bool ended) {
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return std::nullopt;
  Held& held = found->second;
  TASKRUN_EXPECT(next <= held.remaining.end);
  if (next < held.remaining.begin) return std::nullopt;  // an older report, come twice
  const ChunkRange given_back{held.remaining.begin, ended ? held.remaining.end : next};
  held.remaining.begin = next;
  const LeaseId twin = held.twin;
  if (ended) end(lease);
  release(given_back, twin);
  if (twin == LeaseId{} || !done_.contains_all(leases_.at(twin).remaining)) return std::nullopt;
  return twin;
}

void Plan::end(LeaseId id) {
  const auto found = leases_.find(id);
  const Held held = found->second;
  leases_.erase(found);
  auto& holder = holders_.at(held.worker);
  const auto place = std::find(holder.leases.begin(), holder.leases.end(), id);
  const auto index = static_cast<std::size_t>(place - holder.leases.begin());
  holder.leases.erase(place);
  if (candidates_) {
    candidates_->running.erase(id);
    candidates_->waiting.erase(id);
    // A slot became free: the first that waited runs.
    if (index < holder.slots && holder.leases.size() >= holder.slots) {
      const LeaseId started = holder.leases[holder.slots - 1];
      if (candidates_->waiting.erase(started) > 0) candidates_->running.insert(started);
    }
  }
  if (held.twin == LeaseId{}) return;
  const auto twin = leases_.find(held.twin);
  twin->second.twin = LeaseId{};
  const auto& other = holders_.at(twin->second.worker).leases;
  const auto position = std::find(other.begin(), other.end(), held.twin) - other.begin();
  const bool runs = position < holders_.at(twin->second.worker).slots;
  (runs ? candidates_->running : candidates_->waiting).insert(held.twin);
  new_work_ = true;
}

void Plan::release(ChunkRange range, LeaseId twin) {
  if (done_.contains_all(range)) return;  // by far the most common
  ChunkSet uncovered;
  for (const ChunkRange part : done_.absent_in(range)) uncovered.add(part);
  for (const ChunkRange part : retrying_.present_in(range)) uncovered.remove(part);
  if (const auto other = leases_.find(twin); other != leases_.end()) {
    uncovered.remove(other->second.remaining);
  }
  for (const ChunkRange part : uncovered.ranges()) {
    // A chunk that failed before keeps its history.
    for (auto tried = tries_.lower_bound(part.begin);
         tried != tries_.end() && tried->first < part.end; ++tried) {
      retrying_.add({tried->first, tried->first + 1});
      uncovered.remove({tried->first, tried->first + 1});
    }
  }
  for (const ChunkRange part : uncovered.ranges()) pending_.add(part);
  new_work_ = true;
}

std::optional<Lease> Plan::find_lease(LeaseId lease) const {
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return std::nullopt;
  const Held& held = found->second;
  return Lease{lease, held.remaining, held.worker, held.attempt};
}

std::vector<Lease> Plan::leases() const {
  std::vector<Lease> all;
  for (const auto& [id, held] : leases_)
    all.push_back({id, held.remaining, held.worker, held.attempt});
  return all;
}

std::size_t Plan::lease_count(WorkerId worker) const {
  const auto holder = holders_.find(worker);
  return holder == holders_.end() ? 0 : holder->second.leases.size();
}

std::optional<std::uint64_t> Plan::next_pending() const {
  const auto fresh = pending_.first();
  const auto retry = retrying_.first();
  if (fresh && retry) return std::min(fresh->begin, retry->begin);
  if (fresh) return fresh->begin;
  if (retry) return retry->begin;
  return std::nullopt;
}

std::uint32_t Plan::attempts(std::uint64_t chunk) const {
  const auto tries = tries_.find(chunk);
  return tries == tries_.end() ? 0 : tries->second.count;
}

bool Plan::consistent() const {
  ChunkSet seen;
  const auto add_disjoint = [&](const ChunkSet& set) {
    for (const ChunkRange range : set.ranges()) {
      if (range.end > chunk_count_ && extent_ != Extent::open) return false;
      if (seen.contains_any(range)) return false;
      seen.add(intersection(range, {0, chunk_count_}));
    }
    return true;
  };
  for (const ChunkSet* set : {&pending_, &retrying_, &done_}) {
    if (!add_disjoint(*set)) return false;
  }
  // The rest is leased: by one, or by two that know each other.
  ChunkSet leased;
  for (const auto& [id, held] : leases_) {
    for (const ChunkRange part : seen.absent_in(held.remaining)) {
      for (const ChunkRange again : leased.present_in(part)) {
        const auto twin = leases_.find(held.twin);
        if (twin == leases_.end() || twin->second.twin != id) return false;
        if (!twin->second.remaining.contains(again)) return false;
      }
      leased.add(part);
    }
  }
  return seen.size() + leased.size() == chunk_count_ && add_disjoint(leased);
}

}  // namespace taskrun
