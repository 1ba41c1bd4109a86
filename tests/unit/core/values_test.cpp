// SPDX-License-Identifier: MIT
// The small values of core/: bytes, histogram, account, wakeup, words for a shell.
#include <gtest/gtest.h>

#include <thread>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/events/account.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {
namespace {

using namespace std::chrono_literals;

TEST(BytesTest, a_reader_takes_what_a_writer_put) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.put<std::uint32_t>(7);
  out.put(2.5);
  out.put_sized(view_of("text"));
  ByteReader in(bytes);
  EXPECT_EQ(in.take<std::uint32_t>(), 7U);
  EXPECT_EQ(in.take<double>(), 2.5);
  EXPECT_EQ(in.take_text(), "text");
  EXPECT_TRUE(in.at_end());
}

TEST(BytesTest, a_reader_refuses_to_read_past_the_end) {
  const Bytes bytes(7);
  EXPECT_THROW(ByteReader(bytes).take<std::uint64_t>(), CorruptData);
  EXPECT_THROW(ByteReader(bytes).take_bytes(8), CorruptData);
}

TEST(BytesTest, a_length_far_too_large_is_refused) {
  Bytes bytes;
  ByteWriter(bytes).put<std::uint64_t>(UINT64_MAX);
  EXPECT_THROW(ByteReader(bytes).take_sized(), CorruptData);
}

TEST(BytesTest, one_flipped_bit_changes_the_checksum) {
  Bytes bytes(100);
  const std::uint64_t before = checksum(bytes);
  bytes[50] = std::byte{1};
  EXPECT_NE(checksum(bytes), before);
}

TEST(DurationHistogramTest, quantiles_are_within_a_quarter) {
  DurationHistogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(std::chrono::microseconds(i));
  EXPECT_EQ(histogram.count(), 1000U);
  EXPECT_NEAR(seconds(histogram.quantile(0.5)), 500e-6, 125e-6);
  EXPECT_NEAR(seconds(histogram.quantile(0.99)), 990e-6, 250e-6);
}

TEST(DurationHistogramTest, the_extremes_have_a_bucket) {
  DurationHistogram histogram;
  histogram.record(-1ns);
  histogram.record(0ns);
  histogram.record(Duration::max());
  EXPECT_EQ(histogram.count(), 3U);
  EXPECT_EQ(DurationHistogram().quantile(0.5), 0ns);
}

TEST(AccountTest, efficiency_is_the_busy_share_of_all_slots) {
  Account account;
  account.wall = 10s;
  account.item_count = 100;
  account.workers.resize(2);
  account.workers[0].slots = 1;
  account.workers[0].busy = 9s;
  account.workers[1].slots = 3;
  account.workers[1].busy = 21s;
  EXPECT_EQ(account.ideal(), 7500ms);
  EXPECT_DOUBLE_EQ(account.efficiency_ratio(), 0.75);
  EXPECT_NEAR(account.imbalance_ratio(), 9 / 7.5 - 1, 1e-12);
}

TEST(AccountTest, a_run_of_nothing_has_no_division_by_zero) {
  const Account account;
  EXPECT_EQ(account.efficiency_ratio(), 1);
  EXPECT_EQ(account.imbalance_ratio(), 0);
  EXPECT_EQ(account.coordinator_load_ratio(), 0);
}

TEST(WakeupTest, a_notification_before_the_wait_is_not_lost) {
  Wakeup wakeup;
  wakeup.notify();
  wakeup.wait_for(Duration::max());  // would take an hour
  EXPECT_FALSE(wakeup.consume());
}

TEST(WakeupTest, a_wait_for_ever_does_not_hang_after_a_notification) {
  Wakeup wakeup;
  std::thread other([&] { wakeup.notify(); });
  wakeup.wait_for(Duration::max());
  other.join();
}

TEST(ShellWordsTest, a_shell_reads_words_back_as_they_are) {
  EXPECT_EQ(shell_words({"taskrun", "--of", "i*i", "", "it's", "a-b_c.d/e=f:g,h@i%j^k+1"}),
            "taskrun --of 'i*i' '' 'it'\\''s' a-b_c.d/e=f:g,h@i%j^k+1");
}

}  // namespace
}  // namespace taskrun
