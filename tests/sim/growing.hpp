// SPDX-License-Identifier: MIT
// A job over an input without a known end, for simulations: its items are their own numbers. It
// notices lines that are shipped too early, too late, or forgotten twice.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "scenario.hpp"
#include "taskrun/core/chunk_set.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/typed_job.hpp"

namespace taskrun::testing {

class GrowingNumbers {
 public:
  std::uint64_t size() const { return 0; }
  std::vector<std::uint64_t> slice(ItemRange items) const {
    Bytes bytes;
    ship(items, bytes);
    return receive(bytes);
  }
  void ship(ItemRange items, Bytes& out) const {
    if (released_->contains_any({items.begin, items.end})) ADD_FAILURE() << "shipped when released";
    for (auto item = items.begin; item < items.end; ++item) ByteWriter(out).put(item);
  }
  static std::vector<std::uint64_t> receive(ByteView bytes) {
    std::vector<std::uint64_t> items;
    for (ByteReader in(bytes); !in.at_end();) items.push_back(in.take<std::uint64_t>());
    return items;
  }

  bool is_open_ended() const { return true; }
  std::unique_ptr<InputReading> read(Wakeup&, const InputState&) const { return nullptr; }
  void read_whole() const {}
  void release(ItemRange items) const {
    if (released_->contains_any({items.begin, items.end})) ADD_FAILURE() << "released twice";
    released_->add({items.begin, items.end});
  }

 private:
  std::shared_ptr<ChunkSet> released_ = std::make_shared<ChunkSet>();
};

/// Every fifth number fails at its first try, every eleventh always, and every seventh is bad
/// input.
struct Growing {
  void params(Params&) {}
  GrowingNumbers dataset() const { return {}; }
  void emit(std::span<const std::uint64_t> part, Output& out, Context& context) const {
    for (const std::uint64_t number : part) {
      if (number % 7 == 6) throw usage_error("bad");
      if (number % 11 == 10) throw std::runtime_error("always");
      if (number % 5 == 4 && context.attempt() == 1) throw std::runtime_error("once");
      out << number << '\n';
    }
  }
};

/// The input of a random run; the workers and their trouble are those of any.
inline std::vector<SimInput> random_input(std::uint64_t seed) {
  Dice dice(seed ^ 0x5eed);
  std::vector<SimInput> input;
  Time at{};
  std::uint64_t count = 0;
  for (std::uint64_t pieces = dice.roll(0, 12); pieces > 0; --pieces) {
    at += dice.chance(20) ? dice.milliseconds(0, 8000) : dice.milliseconds(0, 200);
    count += dice.chance(50) ? 1 : dice.roll(1, 60);
    input.push_back({at, {count, false, count}});
  }
  at += dice.milliseconds(0, 3000);
  input.push_back({at, {count + dice.roll(0, 2), true, 0}});
  return input;
}

inline std::string expected_text(std::uint64_t count) {
  std::string text;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % 11 != 10 && i % 7 != 6) text += std::to_string(i) + "\n";
  }
  return text;
}

}  // namespace taskrun::testing
