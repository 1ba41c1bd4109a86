// SPDX-License-Identifier: MIT
// Sources: guided self-scheduling: Polychronopoulos and Kuck, IEEE Trans. Comput. C-36(12), 1987.
// Factoring: Hummel, Schonberg and Flynn, CACM 35(8), 1992. Weighted factoring: Hummel, Schmidt,
// Uma and Wein, SPAA 1996.
#include "taskrun/schedule/policy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/core/contract.hpp"
#include "taskrun/core/divided_up.hpp"

namespace taskrun {
namespace {

// Below this a lease costs more in messages than it evens out: a message and its handling take some
// tens of microseconds where ranks share cores.
constexpr double shortest_lease_seconds = 1e-3;
// Above this a longer lease saves nothing any more …
constexpr double longest_lease_seconds = 0.25;
// … except where so many slots ask that the coordinator would be the limit: it handles some hundred
// thousand leases a second, and should be busy for a tenth of the time.
constexpr double seconds_for_each_slot = 50e-6;
// A speed measured on n chunks says little about more than some multiple of n.
constexpr std::uint64_t growth = 8;

std::uint64_t rounded(double chunks) {
  // Far above any grid; keeps the conversion defined.
  constexpr double most = 9e18;
  return static_cast<std::uint64_t>(std::clamp(std::ceil(chunks), 1.0, most));
}

class Automatic final : public Policy {
 public:
  std::uint64_t lease_length(const LeaseRequest& r) override {
    if (r.slot_speed <= 0 || r.total_speed <= 0) return 1;
    const double share = r.slot_speed / r.total_speed;
    const double half_of_the_rest = static_cast<double>(r.pending) * share / 2;
    const double longest = std::max(longest_lease_seconds, seconds_for_each_slot * r.slot_count);
    const double length =
        std::clamp(half_of_the_rest, shortest_lease_seconds * r.slot_speed, longest * r.slot_speed);
    return aligned(r.first,
                   std::min(rounded(length), growth * std::max<std::uint64_t>(r.measured, 1)));
  }

 private:
  // Shortened by a quarter at the most, so that the lease ends where a large block of the reduction
  // tree ends: its worker can then reduce more, and the coordinator holds fewer blocks.
  static std::uint64_t aligned(std::uint64_t first, std::uint64_t length) {
    const std::uint64_t block = std::bit_floor(length) / 4;
    if (block <= 1) return length;
    const std::uint64_t end = (first + length) / block * block;
    return end - first;
  }
};

class Fixed final : public Policy {
 public:
  std::uint64_t lease_length(const LeaseRequest& r) override {
    // Leases are cut from the left, so their number tells the share; what comes back from lost
    // workers later is shared out as it comes.
    const std::uint64_t share = granted_++ % r.slot_count;
    const Grid shares = chunk_it(r.chunk_count, r.slot_count);
    return std::max<std::uint64_t>(1, shares.items(share).size());
  }

 private:
  std::uint64_t granted_ = 0;
};

class Dynamic final : public Policy {
 public:
  std::uint64_t lease_length(const LeaseRequest&) override { return 1; }
};

class Guided final : public Policy {
 public:
  std::uint64_t lease_length(const LeaseRequest& r) override {
    return divided_up(r.pending, r.slot_count);
  }
};

class Factoring final : public Policy {
 public:
  std::uint64_t lease_length(const LeaseRequest& r) override {
    if (left_in_batch_ == 0) {
      left_in_batch_ = r.slot_count;
      length_ = divided_up(r.pending, std::uint64_t{2} * r.slot_count);
    }
    --left_in_batch_;
    return length_;
  }

 private:
  std::uint32_t left_in_batch_ = 0;
  std::uint64_t length_ = 1;
};

}  // namespace

std::optional<Schedule> schedule_named(std::string_view name) {
  for (const Schedule schedule : all_schedules) {
    if (name == name_of(schedule)) return schedule;
  }
  return std::nullopt;
}

std::string_view name_of(Schedule schedule) {
  switch (schedule) {
    case Schedule::automatic:
      return "auto";
    case Schedule::fixed:
      return "static";
    case Schedule::dynamic:
      return "dynamic";
    case Schedule::guided:
      return "guided";
    case Schedule::factoring:
      return "factoring";
  }
  TASKRUN_EXPECT(!"a schedule");
  return {};
}

std::unique_ptr<Policy> make_policy(Schedule schedule) {
  switch (schedule) {
    case Schedule::automatic:
      return std::make_unique<Automatic>();
    case Schedule::fixed:
      return std::make_unique<Fixed>();
    case Schedule::dynamic:
      return std::make_unique<Dynamic>();
    case Schedule::guided:
      return std::make_unique<Guided>();
    case Schedule::factoring:
      return std::make_unique<Factoring>();
  }
  TASKRUN_EXPECT(!"a schedule");
  return nullptr;
}

}  // namespace taskrun
