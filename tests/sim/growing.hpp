// SPDX-License-Identifier: MIT
// A job over an input without a known end, for simulations: its items are their own numbers. It
// notices lines that are shipped too early, too late, or forgotten twice.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

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

/// Every fifth number fails at its first try, every eleventh always, and every seventh is bad input.
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

}  // namespace taskrun::testing
