// SPDX-License-Identifier: MIT
#include "taskrun/report/account_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "taskrun/report/text.hpp"

namespace taskrun {
namespace {

// "1 lease", "2 leases".
std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string leases_text(const Account& a) {
  std::string text = counted(a.chunk_count, "chunk") + " in " + counted(a.leases, "lease");
  if (a.lease_copies > 0) {
    text +=
        fmt::format(", {} of them {}", a.lease_copies, a.lease_copies == 1 ? "a copy" : "copies");
  }
  return text;
}

// --- advice

// Below this a tenth or more of the machine was lost: worth a line.
constexpr double good_efficiency = 0.9;
// Starting, leasing and ending cost milliseconds, whatever the job.
constexpr Duration worth_sharing = std::chrono::milliseconds(200);
// With fewer chunks for each slot the last ones leave slots idle for a good part of the run.
constexpr std::uint64_t enough_chunks_per_slot = 8;
constexpr double uneven = 0.1;
constexpr double busy_coordinator = 0.5;

// Where cores were left over, slots did not wait for each other but for something else.
bool slots_waited(const Account& a, std::uint32_t core_count) {
  Duration processor{};
  for (const auto& w : a.workers) {
    if (w.host == a.workers.front().host) processor += w.processor;
  }
  return processor > Duration::zero() &&
         seconds(processor) < good_efficiency * core_count * seconds(a.wall);
}

std::optional<std::string> too_many_slots(const Account& a, std::uint32_t core_count) {
  const auto slots = local_slot_count(a);
  if (core_count == 0 || slots <= core_count || slots_waited(a, core_count)) return std::nullopt;
  return fmt::format("{} slots shared {}: fewer ranks or threads are as fast", slots,
                     counted(core_count, "core"));
}

std::optional<std::string> too_short(const Account& a) {
  if (a.ranks == 1) return std::nullopt;
  return "the run was too short to be worth sharing: without mpirun it is over sooner";
}

std::optional<std::string> too_few_chunks(const Account& a) {
  const std::uint64_t wanted = a.slot_count() * enough_chunks_per_slot;
  if (a.chunk_count >= wanted || a.item_count <= a.chunk_count) return std::nullopt;
  return fmt::format("{} for {} are too few to share evenly: try --chunks {}",
                     counted(a.chunk_count, "chunk"), counted(a.slot_count(), "slot"),
                     std::min(a.item_count, 4 * wanted));
}

std::optional<std::string> chunks_too_small(const Account& a) {
  // Each of its items is a chunk, whatever is asked for.
  if (a.extent != Extent::known) return std::nullopt;
  const std::uint64_t fewer = a.chunk_count / 8;
  if (a.coordinator_load_ratio() < busy_coordinator) return std::nullopt;
  if (fewer < a.slot_count() * enough_chunks_per_slot) return std::nullopt;
  return fmt::format(
      "the coordinator was busy for {} of the time: larger chunks cost it less, try "
      "--chunks {}",
      readable_ratio(a.coordinator_load_ratio()), fewer);
}

std::optional<std::string> unevenly_shared(const Account& a) {
  if (a.imbalance_ratio() < uneven || a.item_count <= a.chunk_count) return std::nullopt;
  return fmt::format(
      "the busiest rank had {} more than its share: smaller chunks even this out, "
      "try --chunks {}",
      readable_ratio(a.imbalance_ratio()), std::min(a.item_count, 4 * a.chunk_count));
}

}  // namespace

std::uint32_t local_slot_count(const Account& a) {
  std::uint32_t slots = 0;
  for (const auto& w : a.workers) {
    if (w.host == a.workers.front().host) slots += w.slots;
  }
  return slots;
}

std::string account_paragraph(const Account& a) {
  const auto dispatch = a.dispatch();
  std::string text = fmt::format(
      "{} on {} of {}, {} of the ideal ({})\n  {}; slot idle time {} (p50), {} (p99)\n"
      "  coordinator busy {}; imbalance {}; {} sent",
      readable_duration(a.wall), counted(a.slot_count(), "slot"), counted(a.ranks, "rank"),
      readable_ratio(a.efficiency_ratio()), readable_duration(a.ideal()), leases_text(a),
      readable_duration(dispatch.quantile(0.5)), readable_duration(dispatch.quantile(0.99)),
      readable_ratio(a.coordinator_load_ratio()), readable_ratio(a.imbalance_ratio()),
      readable_bytes(static_cast<double>(a.bytes_sent())));
  if (a.workers_lost > 0) text += fmt::format("; {} lost", counted(a.workers_lost, "worker"));
  return text;
}

std::optional<std::string> advice(const Account& a, std::uint32_t core_count) {
  if (a.chunks_computed == 0) return std::nullopt;
  if (auto text = too_many_slots(a, core_count)) return text;
  if (a.efficiency_ratio() >= good_efficiency) return std::nullopt;
  if (a.wall < worth_sharing) return too_short(a);
  if (auto text = too_few_chunks(a)) return text;
  if (auto text = chunks_too_small(a)) return text;
  return unevenly_shared(a);
}

}  // namespace taskrun
