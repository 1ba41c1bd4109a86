// SPDX-License-Identifier: MIT
#include "taskrun/report/account_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "taskrun/report/account_json.hpp"

namespace taskrun {
namespace {

using namespace std::chrono_literals;

// Two ranks with two slots each, all busy for the whole ten seconds.
Account good_run() {
  Account a;
  a.wall = 10s;
  a.item_count = 1'000'000;
  a.chunk_count = a.chunks_computed = 1000;
  a.leases = 100;
  a.ranks = 2;
  a.coordinator_busy = 100ms;
  for (std::uint32_t rank = 0; rank < 2; ++rank) {
    WorkerAccount w;
    w.rank = rank;
    w.host = "here";
    w.slots = 2;
    w.chunks = 500;
    w.busy = 20s;
    w.bytes_sent = 1000;
    w.bytes_received = 500;
    a.workers.push_back(w);
  }
  return a;
}

void set_busy(Account& a, Duration busy) {
  for (auto& w : a.workers) w.busy = busy;
}

std::string advised(const Account& a, std::uint32_t cores = 4) {
  return advice(a, cores).value_or("");
}

TEST(AdviceTest, a_good_run_needs_none) { EXPECT_EQ(advised(good_run()), ""); }

TEST(AdviceTest, more_slots_than_cores_are_needless) {
  EXPECT_EQ(advised(good_run(), 2), "4 slots shared 2 cores: fewer ranks or threads are as fast");
  EXPECT_EQ(advised(good_run(), 0), "");
}

TEST(AdviceTest, slots_of_other_hosts_do_not_crowd_this_one) {
  Account a = good_run();
  a.workers[1].host = "there";
  EXPECT_EQ(advised(a, 2), "");
}

TEST(AdviceTest, a_short_run_is_better_off_without_mpirun) {
  Account a = good_run();
  a.wall = 10ms;
  set_busy(a, 1ms);
  EXPECT_NE(advised(a).find("without mpirun"), std::string::npos);
  a.ranks = 1;
  EXPECT_EQ(advised(a), "");
}

TEST(AdviceTest, few_chunks_leave_slots_idle) {
  Account a = good_run();
  a.chunk_count = a.chunks_computed = 5;
  set_busy(a, 12s);
  EXPECT_EQ(advised(a), "5 chunks for 4 slots are too few to share evenly: try --chunks 128");
}

TEST(AdviceTest, chunks_are_not_asked_for_where_there_are_no_more_items) {
  Account a = good_run();
  a.chunk_count = a.chunks_computed = a.item_count = 5;
  set_busy(a, 12s);
  EXPECT_EQ(advised(a), "");
}

TEST(AdviceTest, small_chunks_keep_the_coordinator_busy) {
  Account a = good_run();
  a.coordinator_busy = 8s;
  set_busy(a, 12s);
  EXPECT_NE(advised(a).find("try --chunks 125"), std::string::npos) << advised(a);
}

TEST(AdviceTest, the_lines_of_a_stream_cannot_be_larger_chunks) {
  Account a = good_run();
  a.extent = Extent::ended;
  a.item_count = a.chunk_count;
  a.coordinator_busy = 8s;
  set_busy(a, 12s);
  EXPECT_EQ(advised(a), "");
}

TEST(AdviceTest, slots_that_wait_for_something_else_are_not_too_many) {
  Account a = good_run();
  const std::uint32_t cores = local_slot_count(a) - 1;
  ASSERT_NE(advice(a, cores), std::nullopt);
  a.workers[0].processor = from_seconds(0.5 * cores * seconds(a.wall));
  EXPECT_EQ(advice(a, cores), std::nullopt);
  a.workers[0].processor = cores * a.wall;
  EXPECT_NE(advice(a, cores), std::nullopt);
}

TEST(AccountTextTest, no_run_is_faster_than_its_longest_item_or_has_use_for_more_slots_than_items) {
  Account a = good_run();
  a.item_count = a.chunk_count = 4;
  a.wall = 2s;
  set_busy(a, 4s);
  EXPECT_EQ(a.ideal(), 2s);
  a.workers[0].slots = 32;
  EXPECT_EQ(a.ideal(), 2s);
  a.longest_chunk = 1900ms;
  set_busy(a, 2s);
  EXPECT_EQ(a.ideal(), 1900ms);
  a.item_count = 400;  // its chunks could have been smaller
  EXPECT_LT(a.ideal(), 200ms);
}

TEST(AdviceTest, an_uneven_run_wants_smaller_chunks) {
  Account a = good_run();
  a.workers[0].busy = 20s;
  a.workers[1].busy = 10s;
  EXPECT_NE(advised(a).find("try --chunks 4000"), std::string::npos) << advised(a);
}

TEST(AdviceTest, a_run_without_chunks_has_nothing_to_change) { EXPECT_EQ(advised(Account{}), ""); }

TEST(AccountTextTest, the_paragraph_tells_the_figures) {
  const std::string text = account_paragraph(good_run());
  EXPECT_EQ(text.find("10.0 s on 4 slots of 2 ranks, 100 % of the ideal (10.0 s)"), 0U) << text;
  EXPECT_NE(text.find("1000 chunks in 100 leases;"), std::string::npos) << text;
  EXPECT_NE(text.find("coordinator busy 1.0 %; imbalance 0.0 %; 2.00 kB sent"), std::string::npos)
      << text;
}

TEST(AccountTextTest, lost_workers_and_copies_are_told_where_there_are_any) {
  Account a = good_run();
  a.workers_lost = 1;
  a.lease_copies = 2;
  const std::string text = account_paragraph(a);
  EXPECT_NE(text.find("2 of them copies"), std::string::npos) << text;
  EXPECT_NE(text.find("1 worker lost"), std::string::npos) << text;
}

TEST(AccountJsonTest, the_keys_are_what_programs_rely_on) {
  const auto json = account_json(good_run());
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  const std::vector<std::string> expected{"busy_seconds",
                                          "bytes_received",
                                          "bytes_sent",
                                          "chunk_count",
                                          "chunks_computed",
                                          "chunks_failed",
                                          "coordinator_busy_seconds",
                                          "coordinator_load_ratio",
                                          "dispatch_p50_seconds",
                                          "dispatch_p99_seconds",
                                          "efficiency_ratio",
                                          "ideal_seconds",
                                          "imbalance_ratio",
                                          "item_count",
                                          "lease_copy_count",
                                          "lease_count",
                                          "rank_count",
                                          "slot_count",
                                          "wall_seconds",
                                          "workers",
                                          "workers_lost"};
  EXPECT_EQ(keys, expected);
  EXPECT_EQ(json["wall_seconds"], 10.0);
  EXPECT_EQ(json["bytes_received"], 1000);
  EXPECT_EQ(json["workers"][1]["host"], "here");
}

TEST(AccountJsonTest, a_failed_chunk_is_named_with_its_items) {
  Account a = good_run();
  a.failed.push_back({7, 70, 80, 3, "why"});
  const auto json = failed_json(a);
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0], (nlohmann::json{{"chunk", 8},
                                     {"first_item", 71},
                                     {"last_item", 80},
                                     {"attempts", 3},
                                     {"error", "why"},
                                     {"exit_code", nullptr},
                                     {"signal", nullptr}}));
}

}  // namespace
}  // namespace taskrun
