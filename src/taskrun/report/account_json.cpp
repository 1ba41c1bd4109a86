// SPDX-License-Identifier: MIT
#include "taskrun/report/account_json.hpp"

#include <nlohmann/json.hpp>

namespace taskrun {
namespace {

using nlohmann::json;

json worker_json(const WorkerAccount& w) {
  return {{"rank", w.rank},
          {"host", w.host},
          {"slot_count", w.slots},
          {"chunks_computed", w.chunks},
          {"busy_seconds", seconds(w.busy)},
          {"communication_seconds", seconds(w.communication)},
          {"bytes_sent", w.bytes_sent},
          {"bytes_received", w.bytes_received},
          {"dispatch_p50_seconds", seconds(w.dispatch.quantile(0.5))},
          {"dispatch_p99_seconds", seconds(w.dispatch.quantile(0.99))}};
}

std::uint64_t bytes_received(const Account& a) {
  std::uint64_t sum = 0;
  for (const auto& w : a.workers) sum += w.bytes_received;
  return sum;
}

json number_json(const ProcessEnd& end, ProcessEnd::How how) {
  return end.how == how ? json(end.number) : json();
}

}  // namespace

json account_json(const Account& a) {
  json workers = json::array();
  for (const auto& w : a.workers) workers.push_back(worker_json(w));
  const auto dispatch = a.dispatch();
  return {{"wall_seconds", seconds(a.wall)},
          {"ideal_seconds", seconds(a.ideal())},
          {"busy_seconds", seconds(a.busy())},
          {"efficiency_ratio", a.efficiency_ratio()},
          {"imbalance_ratio", a.imbalance_ratio()},
          {"coordinator_busy_seconds", seconds(a.coordinator_busy)},
          {"coordinator_load_ratio", a.coordinator_load_ratio()},
          {"dispatch_p50_seconds", seconds(dispatch.quantile(0.5))},
          {"dispatch_p99_seconds", seconds(dispatch.quantile(0.99))},
          {"item_count", a.item_count},
          {"chunk_count", a.chunk_count},
          {"chunks_computed", a.chunks_computed},
          {"chunks_failed", a.chunks_failed},
          {"lease_count", a.leases},
          {"lease_copy_count", a.lease_copies},
          {"rank_count", a.ranks},
          {"slot_count", a.slot_count()},
          {"workers_lost", a.workers_lost},
          {"bytes_sent", a.bytes_sent()},
          {"bytes_received", bytes_received(a)},
          {"workers", std::move(workers)}};
}

json failed_json(const Account& a) {
  json failed = json::array();
  for (const auto& f : a.failed) {
    failed.push_back({{"chunk", f.chunk + 1},
                      {"first_item", f.first_item + 1},
                      {"last_item", f.end_item},
                      {"attempts", f.attempts},
                      {"error", f.error},
                      {"exit_code", number_json(f.end, ProcessEnd::How::exited)},
                      {"signal", number_json(f.end, ProcessEnd::How::killed)}});
  }
  return failed;
}

}  // namespace taskrun
