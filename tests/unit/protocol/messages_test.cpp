// SPDX-License-Identifier: MIT
#include "taskrun/protocol/messages.hpp"

#include <gtest/gtest.h>

#include <random>

namespace taskrun {
namespace {

Commit some_commit() {
  Commit commit;
  commit.results.pieces = {{{3, 4}, 2}, {{4, 8}, 1}};
  commit.results.payloads = Bytes(3, std::byte{9});
  commit.results.failures = {{LeaseId{5}, 11, "it broke", "half"}};
  commit.results.progress = {{LeaseId{5}, 12, true, 4, std::chrono::milliseconds(7), 99}};
  commit.results.failures[0].memory_bytes = 77;
  commit.results.failures[0].memory_bytes_before = 66;
  return commit;
}

std::vector<ToCoordinator> each_to_coordinator() {
  Goodbye goodbye;
  goodbye.account.host = "here";
  goodbye.account.dispatch.record(std::chrono::microseconds(3));
  return {Hello{1, 2, 3, {4, 5}, "host"},    Refused{"host", "no"}, some_commit(), Alive{},
          Broken{"no", Broken::Reach::host}, SiblingEnded{3},       goodbye};
}

std::vector<ToWorker> each_to_worker() {
  return {Welcome{10, 5, std::chrono::seconds(1), {6, 7}, std::chrono::milliseconds(1)},
          Grant{{{LeaseId{1}, {0, 3}, 2, Bytes(5)}, {LeaseId{2}, {3, 4}, 1, {}}}},
          Withdraw{{{LeaseId{9}, Cancel::if_waiting}}},
          Heartbeat{std::chrono::milliseconds(2)},
          Finish{},
          Sibling{3, {8, 9}}};
}

/// For tests of both directions: `test(message, decode)` with one of each.
template <class Test>
void of_each(Test test) {
  for (const ToCoordinator& message : each_to_coordinator()) test(message, decode_to_coordinator);
  for (const ToWorker& message : each_to_worker()) test(message, decode_to_worker);
}

TEST(MessagesTest, there_is_one_of_each_here) {
  EXPECT_EQ(each_to_coordinator().size(), std::variant_size_v<ToCoordinator>);
  EXPECT_EQ(each_to_worker().size(), std::variant_size_v<ToWorker>);
}

TEST(MessagesTest, every_message_comes_back_as_it_was) {
  of_each([](const auto& message, auto decode) {
    const Frame frame = encode_message(message);
    const auto back = decode(frame);
    EXPECT_EQ(back.index(), message.index());
    EXPECT_EQ(encode_message(back).body, frame.body);
  });
}

TEST(MessagesTest, a_message_of_the_other_direction_is_refused) {
  for (const ToWorker& message : each_to_worker()) {
    EXPECT_THROW(decode_to_coordinator(encode_message(message)), CorruptData) << message.index();
  }
  for (const ToCoordinator& message : each_to_coordinator()) {
    EXPECT_THROW(decode_to_worker(encode_message(message)), CorruptData) << message.index();
  }
}

TEST(MessagesTest, the_fields_of_a_commit_arrive) {
  const auto commit =
      std::get<Commit>(decode_to_coordinator(encode_message(some_commit()))).results;
  EXPECT_EQ(commit.pieces[1].chunks, (ChunkRange{4, 8}));
  EXPECT_EQ(commit.failures[0].error, "it broke");
  EXPECT_EQ(commit.failures[0].text, "half");
  EXPECT_EQ(commit.progress[0].busy, std::chrono::milliseconds(7));
  EXPECT_TRUE(commit.progress[0].ended);
  EXPECT_EQ(commit.progress[0].memory_bytes, 99U);
  EXPECT_EQ(commit.failures[0].memory_bytes, 77U);
  EXPECT_EQ(commit.failures[0].memory_bytes_before, 66U);
}

TEST(MessagesTest, a_message_cut_anywhere_is_refused) {
  of_each([](const auto& message, auto decode) {
    const Frame whole = encode_message(message);
    for (std::size_t size = 0; size < whole.body.size(); ++size) {
      Frame cut{whole.type,
                Bytes(whole.body.begin(), whole.body.begin() + static_cast<long>(size))};
      EXPECT_THROW(decode(cut), CorruptData) << message.index() << ' ' << size;
    }
  });
}

// Changes each byte of each message: what is still a message is one that could have been sent.
TEST(MessagesTest, what_is_decoded_could_have_been_sent) {
  std::size_t refused = 0;
  of_each([&](const auto& message, auto decode) {
    const Frame whole = encode_message(message);
    for (std::size_t at = 0; at < whole.body.size(); ++at) {
      for (const unsigned value : {0x00U, 0x01U, 0x02U, 0x7fU, 0x80U, 0xc8U, 0xffU}) {
        Frame changed = whole;
        changed.body[at] = static_cast<std::byte>(value);
        try {
          EXPECT_EQ(encode_message(decode(changed)).body, changed.body)
              << message.index() << ' ' << at << ' ' << value;
        } catch (const CorruptData&) {
          ++refused;
        }
      }
    }
  });
  EXPECT_GT(refused, 0U);
}

void expect_refused(const ToCoordinator& message) {
  EXPECT_THROW(decode_to_coordinator(encode_message(message)), CorruptData);
}
void expect_refused(const ToWorker& message) {
  EXPECT_THROW(decode_to_worker(encode_message(message)), CorruptData);
}

TEST(MessagesTest, values_that_are_none_are_refused) {
  expect_refused(Broken{"x", static_cast<Broken::Reach>(3)});
  expect_refused(Withdraw{{{LeaseId{1}, static_cast<Cancel>(7)}}});
  expect_refused(Heartbeat{Duration(-1)});
  expect_refused(Heartbeat{Duration::max()});
  expect_refused(Grant{{{LeaseId{1}, {5, 4}, 1, {}}}});
  Commit commit = some_commit();
  commit.results.pieces[0].chunks = {4, 3};
  expect_refused(commit);
  commit = some_commit();
  commit.results.failures[0].end.how = static_cast<ProcessEnd::How>(3);
  expect_refused(commit);
}

TEST(MessagesTest, random_bodies_throw_nothing_but_refusals) {
  std::mt19937_64 random(11);
  int read = 0, refused = 0;
  const auto expect_at_most_refused = [&](const Frame& frame, auto decode) {
    try {
      decode(frame);
      ++read;
    } catch (const CorruptData&) {
      ++refused;
    }
  };
  for (int i = 0; i < 20000; ++i) {
    Frame frame{static_cast<std::uint16_t>(0x100 * (random() % 4) + random() % 8),
                Bytes(random() % 60)};
    for (auto& b : frame.body) b = static_cast<std::byte>(random() % 4 == 0 ? random() : 0);
    expect_at_most_refused(frame, decode_to_coordinator);
    expect_at_most_refused(frame, decode_to_worker);
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace taskrun
