// SPDX-License-Identifier: MIT
#include "taskrun/events/account.hpp"

#include <algorithm>

namespace taskrun {

std::uint32_t Account::slot_count() const {
  std::uint32_t sum = 0;
  for (const auto& w : workers) sum += w.slots;
  return sum;
}

Duration Account::busy() const {
  Duration sum{};
  for (const auto& w : workers) sum += w.busy;
  return sum;
}

Duration Account::ideal() const {
  const auto slots = std::min<std::uint64_t>(slot_count(), std::max<std::uint64_t>(item_count, 1));
  if (slots == 0) return Duration::zero();
  const Duration even = busy() / static_cast<Duration::rep>(slots);
  // A chunk of several items could have been cut.
  return item_count > chunk_count ? even : std::max(even, longest_chunk);
}

double Account::efficiency_ratio() const {
  if (wall <= Duration::zero()) return 1;
  return std::min(1.0, seconds(ideal()) / seconds(wall));
}

double Account::imbalance_ratio() const {
  const auto slots = slot_count();
  const double mean = slots == 0 ? 0 : seconds(busy()) / slots;
  if (mean <= 0) return 0;
  double most = 0;
  for (const auto& w : workers) {
    if (w.slots > 0) most = std::max(most, seconds(w.busy) / w.slots);
  }
  return std::max(0.0, most / mean - 1);
}

double Account::coordinator_load_ratio() const {
  if (wall <= Duration::zero()) return 0;
  return std::min(1.0, seconds(coordinator_busy) / seconds(wall));
}

std::uint64_t Account::bytes_sent() const {
  std::uint64_t sum = 0;
  for (const auto& w : workers) sum += w.bytes_sent;
  return sum;
}

DurationHistogram Account::dispatch() const {
  DurationHistogram all;
  for (const auto& w : workers) all.merge(w.dispatch);
  return all;
}

}  // namespace taskrun
